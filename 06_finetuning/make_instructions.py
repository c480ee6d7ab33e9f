"""Write instructions.json, the instruction data of this workshop.

The words, sentences and wordings below were written for this workshop. The program deals each row
of a table to one of the wordings of its kind, and computes what can be computed (conversions,
sums, dates, counts, sorting). Rows that share a wording share a group, so a split by group keeps
test items away from their near twins. Labels are dealt evenly, so that no group has only one. The same program always writes the same bytes.

Run it from any folder: python 06_finetuning/make_instructions.py
"""

import calendar
import json
import random
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).with_name("instructions.json")
entries: list[dict] = []
wording_of: dict[str, str] = {}  # the wording of each group of tasks


# ---------------------------------------------------------------- tables, checks and entries


def table(text: str) -> list[list[str]]:
    """Read a table: one row a line, cells divided by a bar."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def pairs(text: str) -> list[list[str]]:
    """Read a compact table: rows divided by semicolons, cells by a bar."""
    return [[cell.strip() for cell in row.split("|")] for row in text.replace("\n", " ").split(";")]


def paragraphs(text: str) -> list[list[str]]:
    """Read a table of long texts: rows divided by blank lines, cells by a bar."""
    rows = [" ".join(block.split()) for block in text.split("\n\n")]
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def exact(*answers: str, strict: bool = False) -> dict:
    """A check: the answer is one of these texts (strict: letter case and layout count too)."""
    check = {"checker": "exact", "answers": list(answers)}
    return {**check, "strict": True} if strict else check


def number(value: float, *units: str) -> dict:
    """A check: the answer is this number, followed by one of these units if there are any."""
    return {"checker": "number", "value": value, "units": list(units)}


def grouped(value: float) -> str:
    """Write a number with thousands separators and no needless zeros: 3000.0 as 3,000."""
    text = f"{round(value, 6):,}"
    return text.removesuffix(".0")


def capital(text: str) -> str:
    """Raise the first letter and leave the rest as it is."""
    return text[0].upper() + text[1:]


def add(
    kind: str, wordings: list[str], items: list[tuple], group: str = "", balance: bool = False
) -> None:
    """Add one entry per item; items that share a wording share a group.

    Args:
        kind: The kind of task.
        wordings: Instructions with {placeholders}; text after "||" becomes the entry's input.
        items: Triples of the placeholders' values, the output, and the check or None.
        group: Start of the group's name, where a kind is added in several parts.
        balance: The outputs are a few labels, and every group gets each of them equally often.
    """
    group = group or kind
    random.Random(group).shuffle(items)
    if balance:
        items = in_turn(items)
    for turn, (values, output, check) in enumerate(items):
        which = turn * len(wordings) // len(items)
        instruction, _, text = wordings[which].partition(" || ")
        wording_of[f"{group}-{which + 1}"] = wordings[which]
        entries.append(
            {
                "id": f"{kind}-{1 + sum(e['kind'] == kind for e in entries):03d}",
                "kind": kind,
                "group": f"{group}-{which + 1}",
                "instruction": instruction.format(**values),
                "input": text.format(**values),
                "output": output,
                "check": check,
            }
        )


def in_turn(items: list[tuple]) -> list[tuple]:
    """Order items so that their outputs come in turn: positive, negative, positive, negative."""
    labels = sorted({output for _, output, _ in items})
    columns = [[item for item in items if item[1] == label] for label in labels]
    return [item for row in zip(*columns, strict=True) for item in row]


def add_each(kind: str, rows: list[tuple]) -> None:
    """Add one entry a row, each with a wording and a group of its own.

    Args:
        kind: The kind of task.
        rows: Triples of the instruction, the output, and the check or None.
    """
    for place, (instruction, output, check) in enumerate(rows, start=1):
        add(kind, [instruction], [({}, output, check)], group=f"{kind}-{place:02d}")


def on_input(*wordings: str) -> list[str]:
    """Wordings whose content {x} goes into the input, not into the instruction."""
    return [wording + " || {x}" for wording in wordings]


# ---------------------------------------------------------------- words


PLURALS = pairs("""
mouse | mice; goose | geese; child | children; tooth | teeth; foot | feet; woman | women; ox | oxen;
leaf | leaves; knife | knives; wolf | wolves; half | halves; box | boxes; church | churches;
bus | buses; dish | dishes; city | cities; baby | babies; story | stories; key | keys;
monkey | monkeys; day | days; potato | potatoes; hero | heroes; piano | pianos; photo | photos;
crisis | crises; analysis | analyses; phenomenon | phenomena; sheep | sheep; deer | deer;
roof | roofs; loaf | loaves; shelf | shelves; country | countries; watch | watches;
glass | glasses; fox | foxes; party | parties; calf | calves; louse | lice; man | men; lady | ladies;
butterfly | butterflies; tomato | tomatoes; thief | thieves; wife | wives; life | lives;
cherry | cherries; bush | bushes; peach | peaches; toy | toys; donkey | donkeys; radio | radios;
cliff | cliffs; echo | echoes; elf | elves
""")
add(
    "plural",
    [
        "What is the plural of '{x}'?",
        "Write the plural form: {x}",
        "One {x}, two ...?",
        "How do you write '{x}' when there is more than one?",
        "Make this noun plural. || {x}",
        "Give me the word for several of them: {x}",
        "Change '{x}' from singular to plural.",
        "Which form of '{x}' follows the word 'these'?",
        "A list needs the noun '{x}' in the plural. What do I type?",
        "Plural, please! || {x}",
        "Complete: a single {x}, a dozen ___",
        "Rewrite '{x}' so that it means more than one.",
        "Several of these are called what? || {x}",
        "Turn one into many: {x}",
        "{x} (singular), ___ (plural)",
        "Vocabulary test: regular or irregular, plural wanted. || {x}",
        "I see one {x} here. Over there I see three ...",
        "Which spelling is right for two or more? || {x}",
        "Pluralise {x}.",
        "My caption says 'one {x}', but the picture shows five. Which noun do I need?",
    ],
    [({"x": one}, many, exact(many)) for one, many in PLURALS],
)

OPPOSITES = pairs("""
hot | cold; big | small, little; tall | short; early | late; heavy | light; wet | dry; rich | poor;
full | empty; strong | weak; loud | quiet, silent, soft; fast | slow; clean | dirty, unclean;
deep | shallow; wide | narrow; sharp | blunt, dull; rough | smooth; true | false, untrue;
open | closed, shut; awake | asleep; cheap | expensive, dear, costly; brave | cowardly, timid;
generous | stingy, mean, selfish; ancient | modern, new, recent; public | private;
polite | rude, impolite; safe | dangerous, unsafe, risky; simple | complicated, complex, difficult;
bright | dark, dim, dull; thick | thin; raw | cooked; tight | loose, slack; guilty | innocent;
absent | present; temporary | permanent, lasting; rare | common, frequent; alive | dead;
happy | sad, unhappy; hollow | solid; sweet | sour, bitter; visible | invisible, hidden;
young | old; friendly | unfriendly, hostile; honest | dishonest; legal | illegal;
northern | southern; male | female; major | minor; inner | outer; vertical | horizontal;
careful | careless; wild | tame; plural | singular
""")
add(
    "opposite",
    [
        "What is the opposite of '{x}'?",
        "Name an antonym of {x}.",
        "Give the word that means the reverse. || {x}",
        "Quite the contrary of {x}: which single word fits?",
        "Find the antonym. || {x}",
        "If the first thing is {x}, its opposite is ...?",
        "Which word stands at the other end of the scale from '{x}'?",
        "Swap this adjective for one that says the opposite: {x}",
        "Complete the pair of opposites: {x} and ___",
        "I wrote '{x}', but the exact opposite is right. Which word should I write?",
        "Write an adjective with the contrary sense. || {x}",
        "Not {x} at all, but ...?",
        "Somebody claims it is {x}. Contradict with one adjective.",
        "Replace '{x}' with its antonym and send only that.",
        "In a dictionary of antonyms, what is listed under {x}?",
        "Turn the meaning around: {x}",
        "Which adjective contrasts most with the one below? || {x}",
        "Two boxes differ in everything. One is {x}, the second ...?",
        "Opposites attract: {x} attracts ...?",
        "Mirror image in meaning: {x}",
    ],
    [
        ({"x": word}, answers.split(", ")[0], exact(*answers.split(", ")))
        for word, answers in OPPOSITES
    ],
)

PAST_TENSES = pairs("""
go | went; see | saw; eat | ate; write | wrote; bring | brought; teach | taught; buy | bought;
catch | caught; think | thought; run | ran; swim | swam; sing | sang; begin | began; drink | drank;
drive | drove; ride | rode; break | broke; speak | spoke; choose | chose; steal | stole; fly | flew;
grow | grew; know | knew; throw | threw; draw | drew; give | gave; take | took; make | made;
leave | left; keep | kept; sleep | slept; feel | felt; lose | lost; send | sent; build | built;
find | found; win | won; stop | stopped; carry | carried; study | studied;
come | came; get | got; hear | heard; hold | held; meet | met; pay | paid; sit | sat;
stand | stood; tell | told; wear | wore; fall | fell; forget | forgot; plan | planned; hide | hid
""")
add(
    "past_tense",
    [
        "Write the past tense of '{x}'.",
        "Today I {x}, yesterday I ...?",
        "Put this verb into the simple past. || {x}",
        "What is the simple past of the verb {x}?",
        "Say '{x}' as if it happened last week.",
        "Past form? || {x}",
        "In 1990 they ___. Fill the gap with the verb '{x}'.",
        "In a diary about last summer, the verb '{x}' becomes ...?",
        "Which form of '{x}' goes with 'an hour ago'?",
        "Conjugate for 'she' in the past: {x}",
        "Move '{x}' from the present to the past.",
        "They do it now: {x}. What did they do last year?",
        "Irregular or not, give me the preterite: {x}",
        "We {x} every morning. Long ago we ...",
        "A history book needs this verb. Which form is printed? || {x}",
        "Verb drill, past simple only. || {x}",
        "'You {x}' is over and done. Rewrite just the verb.",
        "Supply the second of the three forms. || {x}",
        "When all is finished, '{x}' turns into what?",
        "Time machine, one day back: {x}",
    ],
    [({"x": present}, past, exact(past)) for present, past in PAST_TENSES],
)

MEANINGS = table("""
a person who bakes bread | baker
a place where books are lent | library
the season after winter | spring
a tool for driving in nails | hammer
a young cow | calf
a young dog | puppy, pup
a person who flies a plane | pilot
the meal eaten in the morning | breakfast
a building where films are shown | cinema, movie theater, movie theatre
a doctor for animals | vet, veterinarian, veterinary surgeon
water that has frozen | ice
an instrument for measuring temperature | thermometer
a person who writes poems | poet
the star at the centre of our solar system | sun, the sun
a shape with three sides | triangle
an animal that eats only plants | herbivore
a large natural stream of water | river
a period of ten years | decade
a period of one hundred years | century
a book of maps | atlas
a house built of snow | igloo
a person who cuts hair | hairdresser, barber
the room where food is cooked | kitchen
the home that a bird builds | nest
a doctor for teeth | dentist
land with water all around it | island
a vehicle with two wheels and pedals | bicycle, bike
the sweet food that bees make | honey
a person who designs buildings | architect
the line where sky and earth seem to meet | horizon
money paid every month for a flat | rent
a sudden shaking of the ground | earthquake
a mountain that can erupt | volcano
the part of a plant that grows underground | root, roots
the list of dishes in a restaurant | menu
someone who travels into space | astronaut, cosmonaut
the hard hat of a cyclist | helmet
the day before today | yesterday
the person in command of a ship | captain
a place where planes land | airport
a person who sells meat | butcher
the meal eaten at midday | lunch
a building where a car is kept | garage
a piece of furniture for sleeping | bed
a person who catches fish for a living | fisherman, fisher
a very large area of salt water | ocean, sea
a tool with two blades for cutting paper | scissors, a pair of scissors
the season before winter | autumn, fall
a person who grows crops and keeps animals | farmer
a book in which you write about your day | diary, journal
a young cat | kitten
a young sheep | lamb
a row of people waiting | queue, line
a jar for cut flowers | vase
a small clock worn on the wrist | watch, wristwatch
""")
add(
    "word_for",
    [
        "What do you call {x}?",
        "Give one word for {x}.",
        "Which noun means '{x}'?",
        "Name it. || {x}",
        "I cannot think of the word for {x}. Help me.",
        "Crossword clue: {x}",
        "Find the word behind this description. || {x}",
        "Say it shorter: {x}",
        "A dictionary explains a word like this: '{x}'. Which word?",
        "Guess what I mean! || {x}",
        "Which word am I describing? || {x}",
        "Think of {x}. Write just the noun.",
        "Riddle: I am {x}. What am I?",
        "In English, {x} is known as what?",
        "Replace the phrase '{x}' by one word.",
        "Label for a picture that shows {x}:",
        "My uncle kept saying '{x}' because he forgot the noun. Remind him.",
        "Term wanted. Meaning: {x}",
        "Match this explanation with a word. || {x}",
        "In a guessing game the clue is '{x}'. Answer?",
    ],
    [
        ({"x": meaning}, words.split(", ")[0], exact(*words.split(", ")))
        for meaning, words in MEANINGS
    ],
)

ODD_ONES = table("""
hammer | apple, pear, plum
sparrow | salmon, trout, herring
Tuesday | March, July, October
violin | tennis, hockey, football
bread | red, green, yellow
carrot | iron, copper, silver
bicycle | sofa, chair, table
France | London, Madrid, Vienna
seven | circle, square, triangle
shoe | milk, juice, water
whale | bee, ant, wasp
nurse | rose, tulip, daisy
pencil | coat, scarf, glove
moon | spoon, knife, fork
happy | run, jump, walk
piano | cow, horse, goat
snow | aunt, uncle, cousin
ruler | cheese, butter, yoghurt
lake | doctor, lawyer, teacher
elbow | oak, birch, maple
eagle | truck, lorry, van
winter | Spanish, Italian, Dutch
onion | kilogram, metre, litre
pillow | trumpet, flute, drum
tiger | kitchen, bedroom, bathroom
cloud | ruby, emerald, diamond
potato | lion, zebra, giraffe
window | finger, thumb, toe
sugar | wool, cotton, silk
spider | Mars, Venus, Jupiter
poem | euro, dollar, yen
banana | boat, ferry, canoe
sock | blackbird, robin, crow
candle | wheat, barley, rye
lamp | cod, tuna, mackerel
rain | novel, essay, letter
shirt | ten, twenty, thirty
tooth | saw, drill, screwdriver
carpet | Asia, Africa, Europe
kettle | dog, cat, rabbit
teapot | Norway, Spain, Egypt
giraffe | shorts, trousers, jacket
guitar | pea, bean, lentil
purple | north, south, west
bottle | nose, ear, mouth
January | Friday, Sunday, Monday
engineer | oxygen, helium, nitrogen
desert | granite, marble, slate
lemon | bus, tram, taxi
owl | dress, skirt, blouse
cathedral | noun, verb, adverb
pepper | hour, minute, month
""")


def odd_ones() -> list[tuple]:
    """Hide each odd word at another place of its list."""
    items = []
    for place, (odd, others) in enumerate(ODD_ONES):
        words = others.split(", ")
        words.insert(place % 4, odd)
        items.append(({"x": ", ".join(words)}, odd, exact(odd)))
    return items


add(
    "odd_one_out",
    [
        "Which is the odd one out? || {x}",
        "Odd one out: {x}",
        "Three of these belong together. Name the fourth. || {x}",
        "Find the word that does not fit: {x}",
        "One of these words is out of place. Which? || {x}",
        "Which item should be struck from the list? || {x}",
        "Spot the stranger among {x}.",
        "Four words, one mistake in the set. Name it. || {x}",
        "What does not belong with the rest: {x}?",
        "Pick the exception. || {x}",
        "A quiz shows {x}. Which is the intruder?",
        "Remove a single word so that the others make a set. || {x}",
        "Who is the outsider? || {x}",
        "Three share a category; write the remaining word: {x}",
        "Name the misfit. || {x}",
        "Something slipped into this group by mistake: {x}",
        "Eliminate what comes from another category. || {x}",
        "All but one are alike. Find it! || {x}",
        "Which entry would you cross out in '{x}'?",
        "The wrong one, please. || {x}",
    ],
    odd_ones(),
)


# ---------------------------------------------------------------- grammar


GAPS = table("""
She is good ___ chess. | at
We arrived ___ the station early. | at
He is afraid ___ spiders. | of
I rely ___ my sister. | on, upon
They are interested ___ music. | in
Our next meeting is ___ Monday. | on
My grandmother was born ___ 1950. | in
Wait ___ me, I am nearly ready! | for
Do you agree ___ her? | with
Paul is married ___ Anna. | to
Listen ___ this song. | to
The table is made ___ wood. | of, from
Congratulations ___ your new job! | on
A guard was accused ___ theft. | of
He apologised ___ the noise. | for
The last bus leaves ___ midnight. | at
I am proud ___ my team. | of
It all depends ___ the weather. | on, upon
Everyone laughed ___ the joke. | at, about
Who is responsible ___ the garden? | for
This umbrella belongs ___ Omar. | to
They insisted ___ paying. | on, upon
Thank you ___ your help. | for
Cut the bread ___ a knife. | with
Nobody has lived here ___ 2015. | since
He slept ___ ten hours. | for
Most pupils go to school ___ foot. | on
We travelled to Rome ___ train. | by
You are allergic ___ nuts, aren't you? | to
A nurse looks ___ the patients. | after
My father gave ___ smoking last year. | up
Let us talk ___ the plan. | about, over
That author is famous ___ her novels. | for
The horse jumped ___ the fence. | over
I look forward ___ the holidays. | to
Don't be late ___ dinner. | for
Water consists ___ hydrogen and oxygen. | of
Did you succeed ___ opening the jar? | in
What is wrong ___ this lamp? | with
Put the keys ___ your pocket. | in, into
He was born ___ a Sunday. | on
They landed ___ London last night. | in
I have known her ___ many years. | for
Our new cook comes ___ Brazil. | from
She pays attention ___ details. | to
Do you prefer tea ___ coffee? | to, over
Ten cyclists took part ___ the race. | in
The film is based ___ a novel. | on, upon
My room is full ___ books. | of
I grew tired ___ waiting. | of
The museum is open from nine ___ five. | to, till, until
Tom spends his money ___ sweets. | on
Her house is similar ___ ours. | to
The match was stopped because ___ rain. | of
""")
add(
    "preposition",
    on_input(
        "Fill in the missing preposition.",
        "Which word belongs in the gap?",
        "Complete the sentence with one word.",
        "What goes in the blank?",
        "One short word is missing here. Which one?",
        "Supply the word that was left out.",
        "Read the line and name what is missing.",
        "A learner did not know this preposition. Tell them.",
        "Choose the right little word.",
        "Close the gap.",
        "A word fell out of the sentence. Find it.",
        "Grammar exercise: what stands in place of the line?",
        "Insert the preposition and give only that.",
        "The printer smudged something. Restore it.",
        "Which preposition does a native speaker use?",
        "Find the word for the empty spot.",
        "Type what the underscore hides.",
        "Cloze test, a single word.",
        "This sentence is broken. Mend it by naming the lost word.",
        "What should I write instead of the line?",
    ),
    [({"x": gap}, words.split(", ")[0], exact(*words.split(", "))) for gap, words in GAPS],
)

MISTAKES = table("""
She go to school every day. | She goes to school every day.
He don't like fish. | He doesn't like fish. | He does not like fish.
I has two sisters. | I have two sisters.
They was at home. | They were at home.
She can sings well. | She can sing well.
Tom is more taller than Jim. | Tom is taller than Jim.
I have saw that film. | I have seen that film.
Yesterday we go to the zoo. | Yesterday we went to the zoo.
There is three cats in the garden. | There are three cats in the garden.
This shoes are new. | These shoes are new.
An dog barked all night. | A dog barked all night.
She ate a apple. | She ate an apple.
He runned to the bus. | He ran to the bus.
My brother are a doctor. | My brother is a doctor.
The childs are asleep. | The children are asleep.
I am agree with you. | I agree with you.
He didn't went to work. | He didn't go to work. | He did not go to work.
Does she likes tea? | Does she like tea?
Where you are going? | Where are you going?
I look forward to see you. | I look forward to seeing you.
How much books do you have? | How many books do you have?
She drives very careful. | She drives very carefully.
It rain a lot in April. | It rains a lot in April.
The news are bad. | The news is bad.
Everyone have a ticket. | Everyone has a ticket.
Mia is the most oldest player. | Mia is the oldest player.
I must to leave now. | I must leave now.
We enjoy to swim. | We enjoy swimming.
Your late again. | You're late again. | You are late again.
The dog wagged it's tail. | The dog wagged its tail.
Their is a hole in my sock. | There is a hole in my sock.
I could of helped. | I could have helped. | I could've helped.
Gold is heavier then iron. | Gold is heavier than iron.
Who's coat is this? | Whose coat is this?
The box is to heavy. | The box is too heavy.
I buyed a hat. | I bought a hat.
The informations are useful. | The information is useful.
If I will see him, I will wave. | If I see him, I will wave. | If I see him, I'll wave.
She said me the truth. | She told me the truth.
You was right. | You were right.
He have a new bike. | He has a new bike.
We was very tired. | We were very tired.
I seen him yesterday. | I saw him yesterday.
The mans are working. | The men are working.
He speak three languages. | He speaks three languages.
There are a bird on the roof. | There is a bird on the roof.
She is taller as her brother. | She is taller than her brother.
I didn't saw the sign. | I didn't see the sign. | I did not see the sign.
My feets are cold. | My feet are cold.
Anna is an good driver. | Anna is a good driver.
Can you to help me? | Can you help me?
This is the more interesting book of all. | This is the most interesting book of all.
She swimmed across the lake. | She swam across the lake.
The bus arrive at noon. | The bus arrives at noon.
He has less friends than I have. | He has fewer friends than I have.
""")
add(
    "grammar",
    on_input(
        "Correct the grammar.",
        "Fix the mistake in this sentence.",
        "Rewrite the sentence without the error.",
        "One thing is wrong here. Put it right.",
        "Please proofread.",
        "How should it read?",
        "Repair this English sentence.",
        "A pupil wrote the line below. Write the correct version.",
        "Spot the error and write everything again.",
        "Make this correct English.",
        "Something in this line is ungrammatical. Say it as it should be.",
        "Turn the text into proper English.",
        "Teacher's red pen: what ought to stand there?",
        "Give the sentence back with its slip removed.",
        "My friend is learning the language and typed this. Improve it.",
        "Edit for grammar only.",
        "Find the fault, then print everything without it.",
        "Would a newspaper print that? Polish it.",
        "The smallest possible change makes this right. Make it.",
        "Corrected version, please:",
    ),
    [({"x": wrong}, right[0], exact(*right)) for wrong, *right in MISTAKES],
)

CAPITALS = """
The train to Paris leaves in March.
My aunt Clara lives in Lisbon.
We fly to Japan on Friday.
Does Peter speak German?
On Monday I start my new job.
The Nile flows through Egypt.
Last July we camped in Wales.
Can you see Mount Fuji from Tokyo?
Our teacher, Mrs Patel, comes from India.
Shakespeare was born in Stratford.
I think I left my keys at home.
The Danube passes through Vienna.
Ravi and Elena met in Rome.
In October the leaves turn red.
She reads a French newspaper every Sunday.
Have you ever been to Iceland?
My cat Oscar sleeps all day.
Every Tuesday we eat soup.
A museum in Madrid is closed today.
He bought a Swiss watch in Geneva.
They crossed the Atlantic in a small boat.
A famous singer visited Canada in June.
Tom and I walked along the Thames.
Her favourite planet is Saturn.
Next December we will stay in Norway.
Do koalas live in Australia?
The Italian cook made pasta.
I met Sofia on a ferry to Crete.
Please call Mr Novak before Thursday.
Why is Berlin so quiet in August?
Julia plays chess with Ahmed.
It snowed in Chicago last night.
The Amazon is a very long river.
You and I should visit Dublin.
Our dog Luna hates rain.
In April Maria moved to Mexico.
The first Greek lesson is on Wednesday.
Where did Hannah learn Polish?
Big ferries sail from Dover to Calais.
Is that your brother Samuel?
My cousin Paul works in Glasgow.
We visited Prague in November.
Is Mr Brown at home on Saturday?
The Rhine begins in Switzerland.
Nora speaks Arabic and French.
Can Daniel come to Boston in May?
Our ship left Sydney on Wednesday.
Her uncle grows olives in Spain.
Last Sunday Aisha sang in Leeds.
You can ski in the Alps until April.
I gave Hugo a Dutch tulip.
They watched a Korean film in Seoul.
The Baltic Sea is cold in January.
Why did Olga leave Moscow?
""".strip().splitlines()
add(
    "capital_letters",
    on_input(
        "Add the missing capital letters.",
        "Fix the capitals.",
        "Write this with correct capitalisation.",
        "The shift key was broken. Restore the sentence.",
        "Put capital letters where they belong.",
        "Print this as a book would.",
        "Which letters should be big? Write the sentence out.",
        "Capitalise names and the start of the sentence.",
        "Tidy up the upper and lower case.",
        "Typed in a hurry, all small. Clean it up.",
        "Everything is in small letters. Repair that.",
        "Rewrite with upper case where English requires it.",
        "My keyboard lost its capitals. Type this for me.",
        "Apply the rules for proper nouns.",
        "A copy editor looks at the case of every word. What does she print?",
        "Give names their capitals.",
        "Case correction only.",
        "Turn this chat message into properly capitalised text.",
        "Where are large initials needed? Show the finished line.",
        "Lower case looks careless. Set it right.",
    ),
    [({"x": text.lower()}, text, exact(text, strict=True)) for text in CAPITALS],
)

WORD_CLASSES = {
    "noun": """kettle: The kettle is hot. / answer: Her answer surprised us.
        bridge: We crossed the bridge at night. / music: Loud music wakes the baby.
        coin: He found a coin. / garden: Their garden is full of bees.
        boats: My uncle repairs boats. / honesty: I admire honesty.
        storm: The storm passed. / ticket: Nobody lost a ticket.
        carpet: A dog slept on the carpet. / idea: That idea is brilliant.
        farmers: Most farmers rise early. / winter: I dislike winter.
        window: Please shut the window. / courage: His courage saved us.""",
    "verb": """climb: They climb the hill. / mends: She mends old clocks.
        laughed: The twins laughed. / painted: We painted the door.
        forgets: He forgets names. / sing: Birds sing at dawn.
        baked: I baked a pie. / froze: The river froze.
        explain: You explain it well. / borrowed: Lena borrowed my pen.
        whispers: He whispers a secret. / jumped: Three frogs jumped in.
        cook: We cook on Sundays. / lost: Marta lost her gloves.
        grows: Bamboo grows at the river. / sold: They sold the boat.""",
    "adjective": """salty: The soup is salty. / narrow: This is a narrow street.
        green: He wore a green coat. / heavy: My bag is heavy.
        lovely: What a lovely day! / difficult: The exam was difficult.
        hungry: Two hungry wolves howled. / old: An old lamp broke.
        proud: She felt proud. / silent: It was a silent film.
        bitter: The medicine tastes bitter. / young: A young fox ran past.
        expensive: That watch looks expensive. / wooden: Sit on the wooden bench.
        curious: The curious child asked again. / dark: Our cellar is dark.""",
    "adverb": """quickly: She ran quickly. / softly: He spoke softly.
        often: They often swim. / never: We never argue.
        silently: A cat crept silently past. / seldom: I seldom drink coffee.
        heavily: It rained heavily. / always: He always smiles.
        beautifully: You dance beautifully. / soon: The play will start soon.
        slowly: The snail moves slowly. / gladly: I will gladly come.
        rarely: He rarely complains. / badly: The team played badly.
        suddenly: Suddenly the lights failed. / carefully: Carry the glass carefully.""",
}
add(
    "part_of_speech",
    [
        "What part of speech is '{word}' here? || {x}",
        "Name the word class of '{word}'. || {x}",
        "Is '{word}' a noun, a verb, an adjective or an adverb? || {x}",
        "Say what kind of word '{word}' is. || {x}",
        "Classify as noun, verb, adjective or adverb: '{word}' || {x}",
        "Grammar question about '{word}': which class? || {x}",
        "Label '{word}' in this sentence with its part of speech. || {x}",
        "In the sentence below, '{word}' is used as a ...? || {x}",
        "Noun, verb, adjective or adverb? The word is '{word}'. || {x}",
        "How does a grammar book classify '{word}'? || {x}",
        "Which of the four classes (noun, verb, adjective, adverb) does '{word}' fall into? || {x}",
        "A linguist tags each word. What tag does '{word}' get? || {x}",
        "Parse the sentence and give the part of speech of '{word}' only. || {x}",
        "Tell me the grammatical category of '{word}' below. || {x}",
        "Choose adverb, adjective, verb or noun for '{word}'. || {x}",
        "Look at '{word}' and write its word type. || {x}",
    ],
    [
        (
            {"word": word.strip(), "x": sentence.strip()},
            label,
            exact(label, f"an {label}", f"a {label}"),
        )
        for label, block in WORD_CLASSES.items()
        for line in block.splitlines()
        for word, sentence in [cell.split(":", 1) for cell in line.split(" / ")]
    ],
    balance=True,
)

DEEDS = table("""
the ball | broke | the window | was broken
a storm | destroyed | the bridge | was destroyed
my sister | painted | this picture | was painted
two students | found | the keys | were found
the chef | prepared | the soup | was prepared
a famous poet | wrote | these lines | were written
the police | caught | the thief | was caught
our neighbours | bought | the old house | was bought
the wind | closed | the door | was closed
a dog | bit | the postman | was bitten
the children | ate | the cake | was eaten
an engineer | designed | the tower | was designed
the teacher | read | the story | was read
the mayor | opened | the new school | was opened
a spider | built | this web | was built
my grandfather | planted | that tree | was planted
the rain | spoiled | our picnic | was spoiled
the company | sold | the land | was sold
the judge | asked | every question | was asked
a tailor | made | the suit | was made
the guide | showed | the caves | were shown
some fans | stopped | the singer | was stopped
a farmer | saved | the lambs | were saved
the doctor | examined | the patient | was examined
the mechanic | repaired | both cars | were repaired
a nurse | signed | the form | was signed
the cat | drank | the milk | was drunk
the owner | locked | the shop | was locked
a robot | welded | the doors | were welded
the lawyer | lost | the letter | was lost
the choir | sang | three songs | were sung
a stranger | returned | my wallet | was returned
the waiter | dropped | the plates | were dropped
the actors | forgot | their lines | were forgotten
the pilot | cancelled | the flight | was cancelled
the jury | awarded | the prize | was awarded
an owl | woke | the campers | were woken
the baker | burnt | the rolls | were burnt
the crowd | cheered | the winner | was cheered
a student | wrote | this poem | was written
my aunt | knitted | this scarf | was knitted
the wolves | chased | the deer | was chased
a gardener | watered | the roses | were watered
a burglar | stole | her purse | was stolen
our team | won | the cup | was won
the king | built | this castle | was built
a bee | stung | my brother | was stung
the council | banned | all fireworks | were banned
two divers | discovered | the wreck | was discovered
the goalkeeper | stopped | the penalty | was stopped
a translator | checked | the contract | was checked
the courier | delivered | two parcels | were delivered
a goat | chewed | the rope | was chewed
the fire | damaged | some barns | were damaged
""")
add(
    "active_voice",
    on_input(
        "Rewrite in the active voice.",
        "Make this passive sentence active.",
        "Who did it? Begin the sentence with them.",
        "Turn the passive into the active.",
        "Let the doer come first.",
        "Avoid the passive here.",
        "Use an active verb instead.",
        "Recast the sentence so that its subject acts.",
        "An editor dislikes the passive. Change the line.",
        "Say it actively.",
        "Start with the person or thing that acted.",
        "Passive to active, please.",
        "Exchange subject and object to get an active sentence.",
        "Remove 'was' or 'were' and tell who did what.",
        "Grammar drill: active form?",
        "Make the agent the subject.",
        "A journalist prefers active verbs. How would she put it?",
        "Reverse the passive construction.",
        "Begin with whoever is named after 'by'.",
        "State it directly: doer, verb, object.",
    ),
    [
        ({"x": f"{capital(what)} {passive} by {who}."}, active, exact(active))
        for who, did, what, passive in DEEDS
        for active in [f"{capital(who)} {did} {what}."]
    ],
)

NEGATIVES = table("""
She likes tea. | She does not like tea. | She doesn't like tea.
They are at home. | They are not at home. | They aren't at home. | They're not at home.
I can swim. | I cannot swim. | I can't swim. | I can not swim.
He was late. | He was not late. | He wasn't late.
We have a car. | We do not have a car. | We don't have a car. | We have no car.
The shop opens on Sunday. | The shop does not open on Sunday. | The shop doesn't open on Sunday.
You should wait. | You should not wait. | You shouldn't wait.
It rained last night. | It did not rain last night. | It didn't rain last night.
My keys were on the shelf. | My keys were not on the shelf. | My keys weren't on the shelf.
Dogs eat grass. | Dogs do not eat grass. | Dogs don't eat grass.
This road is safe. | This road is not safe. | This road isn't safe.
I will forget you. | I will not forget you. | I won't forget you.
Marta works here. | Marta does not work here. | Marta doesn't work here.
He knew the answer. | He did not know the answer. | He didn't know the answer.
The lamps are bright. | The lamps are not bright. | The lamps aren't bright.
Our team won the match. | Our team did not win the match. | Our team didn't win the match.
She has finished. | She has not finished. | She hasn't finished.
They play chess. | They do not play chess. | They don't play chess.
The soup tastes good. | The soup does not taste good. | The soup doesn't taste good.
I am ready. | I am not ready. | I'm not ready.
You would enjoy it. | You would not enjoy it. | You wouldn't enjoy it.
The phone rang. | The phone did not ring. | The phone didn't ring.
We met in Oslo. | We did not meet in Oslo. | We didn't meet in Oslo.
The milk is fresh. | The milk is not fresh. | The milk isn't fresh.
Sonja can drive. | Sonja cannot drive. | Sonja can't drive. | Sonja can not drive.
The windows are open. | The windows are not open. | The windows aren't open.
Uncle Jim plays the drums. | Uncle Jim does not play the drums. | Uncle Jim doesn't play the drums.
The guests arrived early. | The guests did not arrive early. | The guests didn't arrive early.
I have seen it. | I have not seen it. | I haven't seen it.
The bus was full. | The bus was not full. | The bus wasn't full.
We need help. | We do not need help. | We don't need help. | We need no help.
You are right. | You are not right. | You aren't right. | You're not right.
Peter lives alone. | Peter does not live alone. | Peter doesn't live alone.
It will hurt. | It will not hurt. | It won't hurt.
The twins look alike. | The twins do not look alike. | The twins don't look alike.
My watch is broken. | My watch is not broken. | My watch isn't broken.
""")
add(
    "negative",
    on_input(
        "Make this sentence negative.",
        "Say that the opposite is the case, using 'not'.",
        "Deny it.",
        "Write the negative form.",
        "Add 'not' in the right place.",
        "This is untrue. Negate it.",
        "Turn yes into no with a negation.",
        "Contradict the speaker in the same words plus 'not'.",
        "What would be the negated sentence?",
        "Form the negation.",
        "Somebody lies. Correct them by negating the statement.",
        "Negative version:",
    ),
    [({"x": text}, answers[0], exact(*answers)) for text, *answers in NEGATIVES],
)

QUESTIONS = table("""
They are ready. | Are they ready?
He can drive. | Can he drive?
You live in Athens. | Do you live in Athens?
The film was long. | Was the film long?
She plays the harp. | Does she play the harp?
We should leave. | Should we leave?
It is raining. | Is it raining?
Your parents were angry. | Were your parents angry?
The bus stops here. | Does the bus stop here?
Lions can climb. | Can lions climb?
He broke his arm. | Did he break his arm?
The bank is open. | Is the bank open?
They will help us. | Will they help us?
Emma knows the way. | Does Emma know the way?
You saw the comet. | Did you see the comet?
The stairs are steep. | Are the stairs steep?
She has eaten. | Has she eaten?
Cats like cream. | Do cats like cream?
The letter arrived. | Did the letter arrive?
He would agree. | Would he agree?
The eggs are boiled. | Are the eggs boiled?
You have met Nina. | Have you met Nina?
The clock was wrong. | Was the clock wrong?
They sell stamps. | Do they sell stamps?
The baby is asleep. | Is the baby asleep?
You can ski. | Can you ski?
He reads novels. | Does he read novels?
The plates were dirty. | Were the plates dirty?
They moved to Rome. | Did they move to Rome?
The bakery has closed. | Has the bakery closed?
Your sister will sing. | Will your sister sing?
Snakes lay eggs. | Do snakes lay eggs?
The tea is too hot. | Is the tea too hot?
Ben could hear us. | Could Ben hear us?
We must pay now. | Must we pay now?
The dog barked. | Did the dog bark?
""")
add(
    "question",
    on_input(
        "Turn this into a yes-or-no question.",
        "Ask whether it is so.",
        "Change the statement into a question.",
        "Put a question mark at the end and fix the word order.",
        "You are not sure about this. Ask.",
        "Question form, please.",
        "How would you ask about this?",
        "Rewrite as something that can be answered with yes or no.",
        "Interrogative?",
        "A reporter wants it confirmed. What does she ask?",
        "Make it end in '?' with correct inversion.",
        "From statement to inquiry, in one line.",
    ),
    [({"x": text}, question, exact(question)) for text, question in QUESTIONS],
)


# ---------------------------------------------------------------- classification


REVIEWS = {
    "positive": """
        The soup was hot and the waiter kind.
        I slept like a baby in this bed.
        Best headphones I have ever owned.
        We laughed from the first scene to the last.
        The guide knew everything and made us smile.
        My new coat is warm and light.
        Fast delivery, and the parcel was perfect.
        A clever book that I could not put down.
        The room was spotless and the view superb.
        This app saves me an hour every day.
        Friendly staff and a delicious breakfast.
        The shoes fit well from the first day.
        Our kids loved every minute of the show.
        The battery lasts for a whole weekend.
        What a charming little hotel!
        The repair was cheap and done in an hour.
        She explains hard things in a simple way.
        Crisp bread, fresh salad, fair prices.
        I would buy this lamp again at once.
        The concert gave me goosebumps.
        The colours are bright and the cloth is soft.
        Worth every penny and more.
        The dentist was gentle and funny.
        Setup took two minutes and it runs flawlessly.
        The pizza arrived hot and tasted fantastic.
        I have recommended this garage to all my friends.
        The lake was clear and the campsite peaceful.
        Great value, and so easy to use.
        My daughter smiled all day with her bike.
        The translation reads beautifully.
        They replaced the part at once, free of charge.
        A cosy café with excellent cake.""",
    "negative": """
        The steak was cold and the waiter rude.
        After two days the zip was broken.
        I nearly fell asleep during the film.
        Nobody answered the phone for a week.
        The room smelled of smoke and old fish.
        A waste of money from start to finish.
        The parcel came late and half empty.
        These boots hurt after ten minutes.
        The plot makes no sense at all.
        The screen went black on the first evening.
        We waited an hour for a stale sandwich.
        The tent let in water all night.
        I want my money back.
        The map was wrong and the guide bored.
        Far too loud, far too expensive.
        The chair wobbles and one leg is loose.
        Dirty towels and a broken shower.
        The update deleted all my photos.
        My tea was weak and the cake dry.
        I regret booking this trip.
        The handle came off in my hand.
        Support was unfriendly and no help.
        The puzzle had three pieces missing.
        Our seats were filthy and the heating was off.
        It stopped working after a week.
        The jacket lost its colour in the first wash.
        I felt cheated by the hidden fees.
        The course was dull and badly prepared.
        Mouldy walls and a bed like a plank.
        The speaker crackles at any volume.
        They ignored every one of my emails.
        The fish was dry and the rice burnt.""",
}
add(
    "sentiment",
    on_input(
        "Is this review positive or negative?",
        "Label the sentiment as positive or negative.",
        "Did the customer like it? Answer positive or negative.",
        "Classify the mood of this comment: positive or negative.",
        "Positive or negative?",
        "Read the opinion and judge: is it negative or positive?",
        "Sort this feedback into 'positive' or 'negative'.",
        "Which tag fits, negative or positive?",
        "A shop collects reviews. Is the next one positive or negative?",
        "Rate the tone with one word, positive or negative.",
        "Happy buyer or unhappy one? Say positive or negative.",
        "Thumbs up means 'positive', thumbs down means 'negative'. Which do you see?",
        "What does the writer feel towards the product, positive or negative?",
        "Judge these words as negative or positive.",
        "One label: positive, negative.",
        "Would you count it as praise (positive) or as a complaint (negative)?",
    ),
    [
        ({"x": text.strip()}, label, exact(label))
        for label, block in REVIEWS.items()
        for text in block.strip().splitlines()
    ],
    balance=True,
)

TOPICS = {
    "sport": """
        The goalkeeper saved two penalties.
        She won the race by half a second.
        Their coach changed the team at half-time.
        He served three aces in the final set.
        The cyclist took the yellow jersey.
        Our swimmers broke the club record.
        The referee showed him a red card.
        Ten thousand runners started the marathon.
        A late goal decided the cup.
        The boxer trained for six months.
        The striker injured his knee before the derby.
        Her serve was too quick for her opponent.
        They rowed to victory on the canal.
        The gymnast landed a perfect jump.
        Fans waited outside the stadium.
        His personal best in the high jump is two metres.""",
    "food": """
        Fry the onions until they are golden.
        This cheese goes well with pears.
        Let the dough rest for an hour.
        The curry needs a little more salt.
        She peeled the potatoes for the stew.
        Grandma's apple pie has a thin crust.
        Serve the pasta with fresh basil.
        Whisk two eggs with the sugar.
        The chocolate melted in the pan.
        Ripe mangoes smell sweet.
        Add a pinch of pepper to the sauce.
        The bread smells of rosemary.
        Roast the chicken for ninety minutes.
        My favourite dessert is lemon tart.
        The broth simmers with carrots and leeks.
        Grate the cheese over the noodles.""",
    "weather": """
        Thick fog will cover the valley by morning.
        Expect heavy showers in the afternoon.
        The wind reached one hundred kilometres an hour.
        It will be sunny but cold.
        Snow is forecast above 800 metres.
        Temperatures fell below zero last night.
        A thunderstorm is moving in from the west.
        The clouds should clear before noon.
        After the hot spell, rain brought relief.
        Frost is likely in the north.
        Hail damaged cars in the suburbs.
        A mild breeze is blowing from the sea.
        Tomorrow brings drizzle and low clouds.
        The heatwave will last until Sunday.
        Lightning struck a tree near the church.
        Icy rain made the pavements slippery.""",
    "travel": """
        Our ferry reaches the harbour at nine.
        You need a passport for this border.
        The night train has sleeping cars.
        We booked a hotel near the old town.
        Her suitcase was lost between two flights.
        The tour visits four islands in a week.
        Change at the central station for the airport.
        They hitchhiked across the country.
        The guidebook lists ten hostels.
        Boarding begins at gate twelve.
        Our visa for the trip was approved.
        The cruise stops in three ports.
        They rented a camper van and drove north.
        We missed the connecting flight.
        The hostel is close to the beach.
        A taxi from the airport costs thirty euros.""",
}
add(
    "topic",
    on_input(
        "Choose the topic: sport, food, weather or travel.",
        "Which newspaper section is this from: weather, sport, travel or food?",
        "Classify the sentence as food, travel, sport or weather.",
        "Tag with one of: travel, weather, food, sport.",
        "What is this about, weather, food, sport or travel?",
        "Sport, travel, food or weather? Pick one.",
        "File this note under food, sport, weather or travel.",
        "Name the subject (travel, sport, weather, food).",
        "Is the text about travel, food, weather or sport?",
        "Four folders: sport, weather, food, travel. Where does this go?",
        "A librarian sorts clippings into weather, travel, food and sport. Where is this put?",
        "Label as sport / travel / food / weather.",
        "Under which heading would you print it: food, weather, travel or sport?",
        "Decide between travel, food, sport and weather.",
        "Which of these themes fits best? Weather, sport, food, travel.",
        "Route the message to the sport, weather, travel or food desk.",
    ),
    [
        ({"x": text.strip()}, label, exact(label))
        for label, block in TOPICS.items()
        for text in block.strip().splitlines()
    ],
    balance=True,
)

FACTS = table("""
Is a whale a mammal? | yes
Do spiders have eight legs? | yes
Does ice float on water? | yes
Does the Earth go round the Sun? | yes
Is seven prime? | yes
Are bats able to fly? | yes
Is Portugal in Europe? | yes
Do plants need light to grow? | yes
Does a triangle have three corners? | yes
Is gold a metal? | yes
Can penguins swim? | yes
Was Shakespeare a writer? | yes
Is a tomato botanically a fruit? | yes
Does sound travel through water? | yes
Are there sixty minutes in an hour? | yes
Is Greenland an island? | yes
Do bees make honey? | yes
Does iron rust? | yes
Is zero an even number? | yes
Can a magnet attract a nail of iron? | yes
Is water made of hydrogen and oxygen? | yes
Do cats have whiskers? | yes
Is Paris in France? | yes
Can ice melt? | yes
Is a hexagon a shape with six sides? | yes
Do humans need oxygen? | yes
Is the Sun a star? | yes
Are owls birds? | yes
Does a year have twelve months? | yes
Is ten greater than nine? | yes
Do trees have roots? | yes
Is English spoken in Australia? | yes
Is a spider an insect? | no
Is the Moon larger than the Earth? | no
Do fish breathe with lungs like ours? | no
Is glass made from wood? | no
Is twelve an odd number? | no
Does a square have five sides? | no
Is Brazil in Africa? | no
Are tigers vegetarians? | no
Does water boil at 10 °C at sea level? | no
Is the Pacific a desert? | no
Can an ostrich fly? | no
Did dinosaurs build ships? | no
Is a dolphin a fish? | no
Is the Sun a planet? | no
Does February have thirty days? | no
Are diamonds softer than chalk? | no
Is copper a gas at room temperature? | no
Do snakes have legs? | no
Is a mushroom an animal? | no
Does a minute have a hundred seconds? | no
Is the Earth flat? | no
Do cows lay eggs? | no
Is Tokyo in China? | no
Does a week have ten days? | no
Is five divisible by two? | no
Are frogs birds? | no
Is milk black? | no
Can a stone talk? | no
Is the Nile in South America? | no
Do people have three arms? | no
Is lead lighter than air? | no
Is a violin a wind instrument? | no
""")
add(
    "yes_no",
    [
        "{x}",
        "Yes or no: {x}",
        "{x} Answer with yes or no.",
        "Reply with one word, yes or no. || {x}",
        "Quiz, only yes/no allowed. || {x}",
        "My little sister wants to know: {x}",
        "Nod (yes) or shake your head (no). || {x}",
        "{x} I need a plain yes or no.",
        "General knowledge. || {x}",
        "Settle our bet with a yes or a no. || {x}",
        "Just yes or no, without explanation: {x}",
        "For a survey, tick yes or no. || {x}",
        "Play this game with the words yes and no. || {x}",
        "What would an encyclopedia say, yes or no? || {x}",
        "Check this for me: {x} (yes/no)",
        "Decide. || {x}",
    ],
    [({"x": question}, answer, exact(answer)) for question, answer in FACTS],
    balance=True,
)


# ---------------------------------------------------------------- extraction and order


RECORDS = {
    ("name", "age", "city"): """
        Mara Lindqvist, 34, lives in Oslo. | Mara Lindqvist; 34; Oslo
        At 61, Ben Okafor still runs a bakery in Leeds. | Ben Okafor; 61; Leeds
        In Porto we met Rita Sousa, who is 27. | Rita Sousa; 27; Porto
        Yuki Mori turned 45 last week in Kyoto. | Yuki Mori; 45; Kyoto
        A student from Ghent, Lars Peeters (19), won. | Lars Peeters; 19; Ghent
        Ana Ruiz is 52 and teaches in Seville. | Ana Ruiz; 52; Seville
        Only 8 years old, Tim Burke of Cork plays the organ. | Tim Burke; 8; Cork
        Dr Leila Haddad, aged 38, has a clinic in Tunis. | Leila Haddad; 38; Tunis
        The oldest runner was Hugo Brandt, 73, of Bremen. | Hugo Brandt; 73; Bremen
        Kavya Nair moved to Pune when she was 30. | Kavya Nair; 30; Pune""",
    ("item", "price"): """
        The blue lamp costs 40 euros. | blue lamp; 40
        For 15 dollars you get a wool hat. | wool hat; 15
        This garden chair is now only 29 euros! | garden chair; 29
        She paid 7 pounds for a teapot. | teapot; 7
        A used bicycle went for 120 euros. | used bicycle; 120
        Price of the tent: 89 dollars. | tent; 89
        I sold my guitar for 250 pounds. | guitar; 250
        The kettle is on offer at 22 euros. | kettle; 22
        You owe me 3 dollars for the notebook. | notebook; 3
        An oak desk like that is worth 310 euros. | oak desk; 310""",
    ("event", "day", "time"): """
        The choir practice is on Thursday at 18:30. | choir practice; Thursday; 18:30
        Come to the book fair, Saturday, 10:00. | book fair; Saturday; 10:00
        On Monday at 9:15 we have the team meeting. | team meeting; Monday; 9:15
        Friday's film night begins at 20:00. | film night; Friday; 20:00
        The yoga class was moved to Wednesday, 7:45. | yoga class; Wednesday; 7:45
        At 14:00 on Sunday there is a puppet show. | puppet show; Sunday; 14:00
        Don't miss the chess final: Tuesday, 16:20. | chess final; Tuesday; 16:20
        The flea market opens on Sunday at 8:00. | flea market; Sunday; 8:00
        Our next dance lesson is Monday at 19:10. | dance lesson; Monday; 19:10
        Thursday, 11:30, guided tour. | guided tour; Thursday; 11:30""",
    ("title", "author", "year"): """
        Jane Austen published Emma in 1815. | Emma; Jane Austen; 1815
        Dracula (1897) is by Bram Stoker. | Dracula; Bram Stoker; 1897
        In 1818 Mary Shelley gave us Frankenstein. | Frankenstein; Mary Shelley; 1818
        Walden, by Henry Thoreau, came out in 1854. | Walden; Henry Thoreau; 1854
        The year 1871 saw Middlemarch by George Eliot. | Middlemarch; George Eliot; 1871
        Kim was written by Rudyard Kipling in 1901. | Kim; Rudyard Kipling; 1901
        Charlotte Brontë wrote Villette, printed in 1853. | Villette; Charlotte Brontë; 1853
        Moby-Dick, 1851, Herman Melville | Moby-Dick; Herman Melville; 1851
        Heidi by Johanna Spyri first appeared in 1880. | Heidi; Johanna Spyri; 1880
        1908: A Room with a View, E. M. Forster | A Room with a View; E. M. Forster; 1908""",
    ("from", "to"): """
        The ferry sails from Dover to Calais. | Dover; Calais
        We drove to Milan from Zurich. | Zurich; Milan
        Train departing Bonn, arriving Cologne. | Bonn; Cologne
        Leaving Cairo, the boat heads for Luxor. | Cairo; Luxor
        Her flight to Lima started in Quito. | Quito; Lima
        A path leads from Fowey to Polperro. | Fowey; Polperro
        You want to reach Hanoi from Hue. | Hue; Hanoi
        One parcel, Austin to Denver, please. | Austin; Denver
        They cycled all the way to Bergen, setting off in Voss. | Voss; Bergen
        The pilgrims left Tours and walked to Poitiers. | Tours; Poitiers""",
}
EXTRACTIONS = [
    "Extract {keys} as JSON. || {x}",
    "Give me {keys} in JSON format. || {x}",
    "Turn the sentence into a JSON object with the keys {keys}. || {x}",
    "JSON, keys {keys}: || {x}",
    "Read out {keys} and answer with one JSON object. || {x}",
]


def extractions(keys: tuple[str, ...], block: str) -> list[tuple]:
    """Pair each sentence with its JSON object; whole numbers become JSON numbers."""
    names = ", ".join(keys[:-1]) + " and " + keys[-1]
    items = []
    for text, cells in table(block):
        values = [int(cell) if cell.isdigit() else cell for cell in cells.split("; ")]
        record = dict(zip(keys, values, strict=True))
        output = json.dumps(record, ensure_ascii=False)
        items.append(({"keys": names, "x": text}, output, {"checker": "json", "value": record}))
    return items


for keys, block in RECORDS.items():
    add("json", EXTRACTIONS, extractions(keys, block), group="json-" + "-".join(keys))

# Nested records from loose notes; a dash is a value that the note leaves out.
NOTES = {
    ("name", "contact.phone", "contact.email", "city"): """
        hi, it's Nora Quist, moved to Ghent, call me on 555 0117 | Nora Quist; 555 0117; -; Ghent
        Please write to tom@hill.example. Tom Hill, Leeds. | Tom Hill; -; tom@hill.example; Leeds
        Ask for Ida Brandt (555 0164 or ida@brandt.example). | Ida Brandt; 555 0164; ida@brandt.example; -
        Met a Mr Karim Said on the train, lives in Lyon, left no number. | Karim Said; -; -; Lyon
        New member: Olga Petrov, Riga, olga@choir.example | Olga Petrov; -; olga@choir.example; Riga
        the plumber is called Sam Ode, ring 555 0130 | Sam Ode; 555 0130; -; -
        Lucia Fonte from Turin said mail is best: lucia@fonte.example | Lucia Fonte; -; lucia@fonte.example; Turin
        A card found in a coat: Piet Vos, Delft, 555 0188. | Piet Vos; 555 0188; -; Delft
        Hana Sato, now in Kobe, 555 0103, hana@sato.example | Hana Sato; 555 0103; hana@sato.example; Kobe
        Nobody knows where Emil Roth went. All I have is this name. | Emil Roth; -; -; -
        My landlord, Jack Doyle, can be reached under 555 0175 in Galway. | Jack Doyle; 555 0175; -; Galway
        for the guest list: Ayo Bello, ayo@bello.example | Ayo Bello; -; ayo@bello.example; -
        Greetings from Malmö! Yours, Britta Holm | Britta Holm; -; -; Malmö
        Carl Vega, Nice, 555 0126, carl@vega.example | Carl Vega; 555 0126; carl@vega.example; Nice
        You could try Mina Kaur, she teaches in Leicester. | Mina Kaur; -; -; Leicester
        Reply to fritz@kern.example, asks Fritz Kern of Graz. | Fritz Kern; -; fritz@kern.example; Graz
        Lost dog! Call Ellen Shaw, 555 0159. | Ellen Shaw; 555 0159; -; -
        Our new dentist: Ana Pinto, in Braga, 555 0192 | Ana Pinto; 555 0192; -; Braga
        The winner is Yusuf Demir. Congratulations! | Yusuf Demir; -; -; -
        send the bill to Greta Lund, greta@lund.example, who left Oslo and now lives in Bergen | Greta Lund; -; greta@lund.example; Bergen
        555 0148, that is the number of Peter Novak in Brno | Peter Novak; 555 0148; -; Brno
        Signed: Rosa Marin, rosa@marin.example, 555 0112 | Rosa Marin; 555 0112; rosa@marin.example; -
        I sat next to Leo Falk. He wrote down leo@falk.example, 555 0181, Kiel. | Leo Falk; 555 0181; leo@falk.example; Kiel
        Zoe Grant of Perth wants no calls and no mail. | Zoe Grant; -; -; Perth
        Bookings through Omar Aziz only (555 0137), he sits in Rabat. | Omar Aziz; 555 0137; -; Rabat
        Do you remember Vera Blom? It is vera@blom.example now. | Vera Blom; -; vera@blom.example; -
        Speaker two will be Jonas Weber, Basel. | Jonas Weber; -; -; Basel
        The flat belongs to Mei Tan; text her at 555 0169. | Mei Tan; 555 0169; -; -
        hello from Pablo Cruz, Cadiz, no phone at the moment, pablo@cruz.example | Pablo Cruz; -; pablo@cruz.example; Cadiz
        For the keys see Ruth Adler: 555 0121, ruth@adler.example, Trier. | Ruth Adler; 555 0121; ruth@adler.example; Trier""",
    ("event", "when.day", "when.time", "place"): """
        Don't forget, film night is Friday at 20:15 in the library. | film night; Friday; 20:15; library
        The book club meets on Monday. Where? We will see. | book club; Monday; -; -
        There will be a flea market at the harbour, starts at 8:00. | flea market; -; 8:00; harbour
        Wednesday, 17:45, judo class, gym. | judo class; Wednesday; 17:45; gym
        Can you come to the garden party? Saturday would be great! | garden party; Saturday; -; -
        Sunday's chess final is played in the town hall. | chess final; Sunday; -; town hall
        They moved the staff meeting from Monday to Thursday, 9:30. | staff meeting; Thursday; 9:30; -
        quiz evening?? I only know it's at the pub | quiz evening; -; -; pub
        At 11:00 on Saturday a puppet show begins in the park. | puppet show; Saturday; 11:00; park
        Anyone for a bike tour? 6:45 at the station, early I know | bike tour; -; 6:45; station
        poetry reading, Tuesday night, 21:00 | poetry reading; Tuesday; 21:00; -
        Please note that a blood drive is held in the school on Friday. | blood drive; Friday; -; school
        The swimming lesson is off on Monday and will be on Wednesday at 16:10. | swimming lesson; Wednesday; 16:10; -
        My sister plays in a jazz concert, Thursday, café. | jazz concert; Thursday; -; café
        Let us hold the wine tasting in the cellar! | wine tasting; -; -; cellar
        The fire drill starts at 10:20 sharp. | fire drill; -; 10:20; -
        A tango course is offered every Sunday, 18:00, in the studio. | tango course; Sunday; 18:00; studio
        Next up: bake sale, Saturday from 14:30, church hall. | bake sale; Saturday; 14:30; church hall
        careers fair. Hall B. Tuesday. | careers fair; Tuesday; -; Hall B
        We planned a picnic, but nobody named a day. | picnic; -; -; -
        The tram leaves at noon, but the city walk itself is at 13:15 from the fountain | city walk; -; 13:15; fountain
        Monday 18:50: orchestra rehearsal, bring a pencil | orchestra rehearsal; Monday; 18:50; -
        Your yoga session has been booked for Friday, 7:30, room four. | yoga session; Friday; 7:30; room four
        Would Sunday suit you for the boat trip? | boat trip; Sunday; -; -
        parents' evening in the canteen, time follows | parents' evening; -; -; canteen
        Look out for the lantern walk, Thursday at 17:20, from the bridge. | lantern walk; Thursday; 17:20; bridge
        They say the science slam on Wednesday is in the theatre. | science slam; Wednesday; -; theatre
        it's 22:00 for the night hike, take a torch | night hike; -; 22:00; -
        The pottery workshop will be in the barn, Saturday, 9:45. | pottery workshop; Saturday; 9:45; barn
        I heard about a ghost tour, was it Tuesday? Yes, Tuesday, 23:00! | ghost tour; Tuesday; 23:00; -""",
    ("customer", "item.name", "item.count", "day"): """
        Mrs Lee wants 3 cheesecakes by Friday. | Mrs Lee; cheesecakes; 3; Friday
        12 red candles for Mr Jonas please | Mr Jonas; red candles; 12; -
        put aside some tulips, says Mrs Adams | Mrs Adams; tulips; -; -
        someone rang, needs 40 chairs on Saturday | -; chairs; 40; Saturday
        Ms Ortega takes 2 lamps. | Ms Ortega; lamps; 2; -
        Could we have umbrellas by Monday? | -; umbrellas; -; Monday
        Mr Khan changed his order from 5 to 8 pizzas, Thursday. | Mr Khan; pizzas; 8; Thursday
        Reserve 15 tickets, for Sunday, name is Mrs Bauer. | Mrs Bauer; tickets; 15; Sunday
        The order of Mr Silva: 6 blue mugs, needed Tuesday. | Mr Silva; blue mugs; 6; Tuesday
        Mrs Novak asks for sandwiches on Wednesday, she will tell us how many. | Mrs Novak; sandwiches; -; Wednesday
        a voice message: 25 balloons | -; balloons; 25; -
        Mr Ito, Friday, 9 notebooks | Mr Ito; notebooks; 9; Friday
        Ms Blake would like 4 pillows sent on Monday. | Ms Blake; pillows; 4; Monday
        we still owe Mr Fisher 7 keys | Mr Fisher; keys; 7; -
        Saturday at the latest I need 100 napkins. | -; napkins; 100; Saturday
        Ms Dahl ordered wine glasses. | Ms Dahl; wine glasses; -; -
        Please pack 18 eggs for Mrs Rossi, she comes on Thursday. | Mrs Rossi; eggs; 18; Thursday
        can Mr Popov have 30 bricks delivered Wednesday | Mr Popov; bricks; 30; Wednesday
        11 roses, Sunday, don't ask me who phoned | -; roses; 11; Sunday
        Mrs Gomez fetches her curtains on Tuesday. | Mrs Gomez; curtains; -; Tuesday
        Send Ms Yilmaz 14 posters. | Ms Yilmaz; posters; 14; -
        Not 2 but 3 ladders, said Mr Berg. | Mr Berg; ladders; 3; -
        For Friday: pancakes, as many as you can, for Mr Owens. | Mr Owens; pancakes; -; Friday
        the museum wants 60 pencils | museum; pencils; 60; -
        Mrs Lindt: 5 scarves. She'd collect them Saturday. | Mrs Lindt; scarves; 5; Saturday
        I'd like 20 stamps, thanks. | -; stamps; 20; -
        Ms Farah needs 16 plates for her party on Sunday. | Ms Farah; plates; 16; Sunday
        Mr Cole wants envelopes, no hurry. | Mr Cole; envelopes; -; -
        one more: 13 spoons go to Mrs Tamm on Monday | Mrs Tamm; spoons; 13; Monday
        We need towels by Wednesday! | -; towels; -; Wednesday""",
}
RECORD_WORDINGS = [
    "Make a JSON record with {keys}; use null for what is missing. || {x}",
    "Note to JSON. Fields: {keys}. Unknown means null. || {x}",
    "Fill in this form as JSON: {keys}. Leave null where the text says nothing. || {x}",
    "What do we learn about {keys}? Answer in JSON, null if not stated. || {x}",
    "Our database needs {keys}. Write the JSON object, with null for gaps. || {x}",
    "Structure the message. JSON, {keys}, null when absent. || {x}",
    "Parse into {keys} and return only JSON (null = not given). || {x}",
    "From the text below, build nested JSON for {keys}. No information: null. || {x}",
    "{keys}: give these as one JSON object, null for anything unsaid. || {x}",
    "Read the message and store {keys} as JSON. Put null if it is silent. || {x}",
]


def nested(keys: tuple[str, ...], values: list) -> dict:
    """Build a record: a key such as when.day stands inside the object of the key when."""
    record: dict = {}
    for key, value in zip(keys, values, strict=True):
        *outer, inner = key.split(".")
        place = record.setdefault(outer[0], {}) if outer else record
        place[inner] = value
    return record


def named(record: dict) -> str:
    """Name the keys of a record: name, contact (phone, email), city."""
    parts = [f"{k} ({named(v)})" if isinstance(v, dict) else k for k, v in record.items()]
    return ", ".join(parts)


def notes(keys: tuple[str, ...], block: str) -> list[tuple]:
    """Pair each note with its record; a count is a number, a dash becomes null."""
    items = []
    for text, cells in table(block):
        values = [None if cell == "-" else cell for cell in cells.split("; ")]
        if "item.count" in keys and values[2]:
            values[2] = int(values[2])
        record = nested(keys, values)
        output = json.dumps(record, ensure_ascii=False)
        check = {"checker": "json", "value": record}
        items.append(({"keys": named(record), "x": text}, output, check))
    return items


for keys, block in NOTES.items():
    add("record", RECORD_WORDINGS, notes(keys, block), group=f"record-{keys[0]}")

UNSORTED_WORDS = pairs("""
pear, fig, apple; rose, tulip, daisy; tiger, zebra, lion; Oslo, Rome, Bern; violin, drum, harp;
nurse, baker, judge; hat, scarf, glove; soup, bread, cheese; river, hill, lake; train, bus, car;
silver, gold, iron; green, black, white; mouse, horse, goat; Peru, Chile, Cuba; oak, elm, birch;
north, east, south; knife, spoon, fork; salt, pepper, garlic; chair, table, lamp; ant, wasp, bee;
Leo, Kate, Amir; ruler, pencil, eraser; sugar, flour, butter; sun, moon, comet;
plum, kiwi, grape; March, April, June; Spain, Italy, Greece; crow, robin, finch;
desk, shelf, bench; actor, pilot, clerk
""")
add(
    "sort",
    [
        "Sort alphabetically. || {x}",
        "Put these words in the order of the dictionary: {x}",
        "Arrange from A to Z. || {x}",
        "Alphabetical order, please: {x}",
        "How would an index list these? || {x}",
        "Order the three words by their first letter. || {x}",
        "As in a dictionary: {x}",
        "Which sequence would a phone book use? || {x}",
        "List by the alphabet, with commas between. || {x}",
        "Reorder {x} so that A precedes B and B precedes C.",
        "File these under their initials, first to last: {x}",
        "a, b, c ... Apply that rule here. || {x}",
    ],
    [
        ({"x": text}, ordered, exact(ordered))
        for (text,) in UNSORTED_WORDS
        for ordered in [", ".join(sorted(text.split(", "), key=str.casefold))]
    ],
)

UNSORTED_NUMBERS = pairs("""
8, 3, 15; 40, 4, 14; 27, 72, 7; 90, 19, 91; 61, 16, 66; 5, 52, 25; 33, 30, 13; 100, 10, 11;
48, 84, 44; 9, 21, 12; 77, 70, 17; 2, 38, 23; 64, 46, 6; 85, 58, 80; 31, 3, 29; 99, 50, 95;
18, 81, 8; 6, 60, 36; 42, 24, 41; 53, 35, 55
""")
add(
    "sort",
    [
        "Sort from small to large. || {x}",
        "Put the numbers {x} in rising order.",
        "Smallest first: {x}",
        "Order these figures, beginning with the least. || {x}",
        "Ascending, please: {x}",
        "From the lowest to the highest: {x}",
        "Line up by size with the tiniest at the front. || {x}",
        "Count upwards through {x}. When do you meet which?",
    ],
    [
        ({"x": text}, ordered, exact(ordered))
        for (text,) in UNSORTED_NUMBERS
        for ordered in [", ".join(sorted(text.split(", "), key=int))]
    ],
    group="sort-numbers",
)

COUNTED_WORDS = """window tea orange elephant music bed yellow hospital snow bridge umbrella
key apple guitar ant mountain silver door""".split()
add(
    "count",
    [
        "How many letters has the word '{x}'?",
        "Count the letters. || {x}",
        "Spell '{x}' in your head. What is its length in letters?",
        "How long is '{x}', measured in letters?",
        "Scrabble: how many tiles do I need to lay '{x}'?",
        "Give the number of characters. || {x}",
        "Letter by letter, how far do you get? || {x}",
    ],
    [({"x": word}, str(len(word)), number(len(word))) for word in COUNTED_WORDS],
    group="count-letters",
)

COUNTED_SENTENCES = """
The cat sleeps.
My brother plays the flute.
Rain fell all night long.
Open the door!
We saw two red foxes.
Nobody knows.
She gave me a small green book.
The last train leaves at ten tonight.
Birds fly south.
Please close all the windows before you go.
I like warm bread with butter.
Where is my hat?
Stars shine.
The soup is far too hot.
Tom lost his left shoe at the beach.
Come here, please.
My old car needs new tyres.
They never ate lunch together.
""".strip().splitlines()
add(
    "count",
    on_input(
        "How many words are in this sentence?",
        "Count the words.",
        "Give the number of words in the line below.",
        "Word count?",
        "Of how many words does it consist?",
        "Spaces divide the words. How many do you see?",
        "Tell me its length in words.",
    ),
    [
        ({"x": text}, str(len(text.split())), number(len(text.split())))
        for text in COUNTED_SENTENCES
    ],
    group="count-words",
)

COUNTED_LISTS = pairs("""
ham, eggs; red, blue, pink, grey; Ivo, Sara, Finn; cup, plate, bowl, jug, pan; comb, soap;
hen, cow, pig, duck, goat, dog; Rome, Paris; tea, milk, cocoa; shirt, belt, socks, tie;
map, torch, rope, tent, stove; oak, ash, elm, yew, fir, pine; jazz, folk, rock; fox, owl, hare;
sand, clay, chalk, peat; a, e, i, o, u; inn, mill, barn, well;
nail, screw, bolt, hinge; Kenya, Ghana; lace, silk, linen; rum, gin, ale, port, beer, wine
""")
add(
    "count",
    [
        "How many items does this list have? || {x}",
        "Count the entries: {x}",
        "Tell me how many things are named. || {x}",
        "My list reads: {x}. How long is it?",
        "Number of elements? || {x}",
        "How many different words did I write down: {x}",
        "Inventory check, how many lines will this make? || {x}",
    ],
    [
        ({"x": text}, str(size), number(size))
        for (text,) in COUNTED_LISTS
        for size in [text.count(",") + 1]
    ],
    group="count-items",
)


# ---------------------------------------------------------------- numbers, units, dates


UNITS = {  # the word in the question: the symbol in the answer, other spellings that count
    "metres": ["m", "metres", "meters"],
    "centimetres": ["cm", "centimetres", "centimeters"],
    "millimetres": ["mm", "millimetres", "millimeters"],
    "kilometres": ["km", "kilometres", "kilometers"],
    "grams": ["g", "grams"],
    "kilograms": ["kg", "kilograms"],
    "milligrams": ["mg", "milligrams"],
    "tonnes": ["t", "tonnes"],
    "litres": ["l", "litres", "liters"],
    "millilitres": ["ml", "millilitres", "milliliters"],
    "seconds": ["s", "seconds"],
    "minutes": ["min", "minutes"],
    "hours": ["h", "hours"],
    "degrees Celsius": ["°C", "degrees Celsius"],
    "degrees Fahrenheit": ["°F", "degrees Fahrenheit"],
    "kelvins": ["K", "kelvins"],
    "square metres": ["m²", "square metres"],
    "pence": ["pence", "p"],
}
CONVERSIONS = table("""
3 km | metres | 3 * 1000
0.8 km | metres | 0.8 * 1000
4,500 m | kilometres | 4500 / 1000
750 m | kilometres | 750 / 1000
12 m | centimetres | 12 * 100
180 cm | metres | 180 / 100
65 mm | centimetres | 65 / 10
9 cm | millimetres | 9 * 10
2 kg | grams | 2 * 1000
0.25 kg | grams | 0.25 * 1000
3,400 g | kilograms | 3400 / 1000
900 g | kilograms | 900 / 1000
5 t | kilograms | 5 * 1000
7,200 kg | tonnes | 7200 / 1000
4 g | milligrams | 4 * 1000
1.5 litres | millilitres | 1.5 * 1000
330 ml | litres | 330 / 1000
2,750 ml | litres | 2750 / 1000
6 litres | millilitres | 6 * 1000
3 hours | minutes | 3 * 60
90 minutes | hours | 90 / 60
4 minutes | seconds | 4 * 60
420 seconds | minutes | 420 / 60
2 days | hours | 2 * 24
36 hours | days | 36 / 24
5 weeks | days | 5 * 7
28 days | weeks | 28 / 7
2 years | months | 2 * 12
60 months | years | 60 / 12
20 °C | degrees Fahrenheit | 20 * 9 / 5 + 32
100 °C | degrees Fahrenheit | 100 * 9 / 5 + 32
0 °C | degrees Fahrenheit | 0 * 9 / 5 + 32
-10 °C | degrees Fahrenheit | -10 * 9 / 5 + 32
77 °F | degrees Celsius | 77 - 32 * 5 / 9
50 °F | degrees Celsius | 50 - 32 * 5 / 9
86 °F | degrees Celsius | 86 - 32 * 5 / 9
10 inches | centimetres | 10 * 2.54
3 feet | inches | 3 * 12
60 inches | feet | 60 / 12
2 yards | feet | 2 * 3
12 feet | yards | 12 / 3
27 °C | kelvins | 27 + 273.15
8 bytes | bits | 8 * 8
64 bits | bytes | 64 / 8
2 hectares | square metres | 2 * 10000
4 dozen | pieces | 4 * 12
7 pounds sterling | pence | 7 * 100
15 decades | years | 15 * 10
300 years | centuries | 300 / 100
1.2 m | millimetres | 1.2 * 1000
""")


def compute(steps: str) -> float:
    """Work out a row of sums from left to right: "77 - 32 * 5 / 9" is 25."""
    first, *rest = steps.split()
    result = float(first)
    for sign, value in zip(rest[::2], map(float, rest[1::2]), strict=True):
        result = {
            "+": result + value,
            "-": result - value,
            "*": result * value,
            "/": result / value if value else 0.0,
        }[sign]
    return round(result, 6)


def conversions() -> list[tuple]:
    """Compute each conversion and add the unit's symbol to the number."""
    items = []
    for given, unit, steps in CONVERSIONS:
        value, units = compute(steps), UNITS.get(unit, [unit])
        output = f"{grouped(value)} {units[0]}"
        items.append(({"x": given, "to": unit}, output, number(value, *units)))
    return items


add(
    "conversion",
    [
        "Convert {x} to {to}.",
        "How many {to} is {x}?",
        "Express the quantity in {to}. || {x}",
        "What is {x} in {to}?",
        "Change into {to}: {x}",
        "{x}, please, but as {to}.",
        "A label says {x}. Write it in {to} for our customers.",
        "Recalculate in {to}. || {x}",
        "I think in {to}. Tell me what {x} means.",
        "Same amount, other unit ({to}): {x}",
        "{x} equals how many {to}?",
        "Units: from {x} to {to}.",
        "My display knows only {to}. What does it show for {x}?",
        "Fill in the amount of {to} that makes {x}.",
        "For a table in {to}, we need this value: {x}",
        "Rewrite {x} with {to} as the unit.",
        "{to} wanted, {x} given. Result?",
        "How would you state {x} if just {to} were allowed?",
        "Do the maths: {x}, now in {to}",
        "Somebody measured {x}. Report that in {to}.",
    ],
    conversions(),
)

SPOKEN_SUMS = table("""
three plus four | 3 + 4
nine minus two | 9 - 2
six times five | 6 * 5
twenty divided by four | 20 / 4
eleven plus eight | 11 + 8
fifteen minus nine | 15 - 9
seven times three | 7 * 3
eighteen divided by two | 18 / 2
twelve plus thirty | 12 + 30
fifty minus twenty | 50 - 20
four times four | 4 * 4
one hundred divided by ten | 100 / 10
sixteen plus five | 16 + 5
forty minus one | 40 - 1
eight times two | 8 * 2
twenty-seven divided by nine | 27 / 9
thirteen plus six | 13 + 6
nineteen minus seven | 19 - 7
five times nine | 5 * 9
thirty divided by three | 30 / 3
""")
add(
    "arithmetic",
    [
        "What is {x}?",
        "Work out {x} and answer in digits.",
        "A child asks: how much is {x}?",
        "Calculate. || {x}",
        "Give the result as a number: {x}",
        "Mental arithmetic. || {x}",
        "How many are {x}, in figures?",
        "My calculator broke. I wanted {x}.",
    ],
    [
        ({"x": words}, grouped(compute(steps)), number(compute(steps)))
        for words, steps in SPOKEN_SUMS
    ],
    group="arithmetic-spoken",
)

STORIES = table("""
A baker has 12 rolls and sells 5. How many are left? | 12 - 5
Four friends share 20 nuts equally. How many does each get? | 20 / 4
One ticket costs 6 euros. What do 3 tickets cost in euros? | 6 * 3
Ali reads 10 pages in the morning and 8 at night. How many in all? | 10 + 8
There are 7 days in a week. How many are there in 2 weeks? | 7 * 2
Eva is 30. Her son is 24 years younger. How old is he? | 30 - 24
A box holds 6 eggs. How many eggs fill 5 boxes? | 6 * 5
The bus had 15 riders and 4 got on. How many ride now? | 15 + 4
A rope of 16 metres is cut into 2 equal parts. How many metres is one part? | 16 / 2
I had 50 coins and lost 20. How many remain? | 50 - 20
Six cars with 4 wheels each: how many wheels together? | 6 * 4
Mum bakes 9 cakes, grandma bakes 3. Count them all. | 9 + 3
A film starts at 7 and lasts 2 hours. At what hour does it end? | 7 + 2
Ten birds sit on a wire; three fly off. How many still sit there? | 10 - 3
Each of 8 pupils brings 2 pens. How many pens arrive? | 8 * 2
A farmer puts 18 apples into 3 bags, the same in each. How many per bag? | 18 / 3
Zoe walks 5 km every day. How far does she get in 7 days, in km? | 5 * 7
A shelf has 25 books. We add 5 more. How many stand on it then? | 25 + 5
Of 40 seats, 10 are taken. How many are free? | 40 - 10
The cook needs 3 eggs for a cake. For 4 cakes? | 3 * 4
A team scored 2 goals, then 3, then 1. What is its total? | 2 + 3 + 1
You buy milk for 2 euros and pay with 10. What is your change in euros? | 10 - 2
A train of 9 coaches has 60 seats in each. How many passengers can sit? | 9 * 60
Thirty sweets for 6 children, shared fairly. How many sweets for one child? | 30 / 6
It was 14 degrees at noon and is 6 degrees colder now. How many degrees is it? | 14 - 6
A hall has 5 rows of 11 chairs. Work out the number of chairs. | 5 * 11
Nina saves 4 euros a week. How many weeks until she has 28? | 28 / 4
Two dogs and three hens: how many legs? | 2 * 4 + 6
A clock is 10 minutes fast and shows 40 past. How many minutes past is it really? | 40 - 10
From floor 3 the lift goes up 9 floors. On which floor does it stop? | 3 + 9
A pizza has 8 slices; Raj eats a quarter of it. How many slices are that? | 8 / 4
Sam is twice as old as Ida, who is 11. What is Sam's age? | 11 * 2
""")
add_each(
    "arithmetic",
    [(story, grouped(compute(steps)), number(compute(steps))) for story, steps in STORIES],
)

WEEKDAYS = list(calendar.day_name)
MONTHS = list(calendar.month_name)[1:]


def later_weekdays() -> list[tuple]:
    """Ask which day comes so many days after another."""
    items = []
    for place, steps in enumerate([2, 3, 4, 5, 6, 8, 10, 3, 7, 2, 9, 4]):
        start = place % 7
        answer = WEEKDAYS[(start + steps) % 7]
        items.append(({"n": steps, "day": WEEKDAYS[start]}, answer, exact(answer)))
    return items


add(
    "date",
    [
        "What day is it {n} days after {day}?",
        "Today is {day}. Which weekday will it be in {n} days?",
        "Start on a {day} and count {n} days forward. Name the day.",
        "Which day of the week follows {day} at a distance of {n} days?",
        "A parcel was sent on {day} and takes {n} days. On which weekday does it come?",
        "Look at a calendar: {day} plus {n} days is what?",
    ],
    later_weekdays(),
    group="date-weekday",
)


def written(day: date) -> str:
    """Write a date in words: 3 March 2021."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


DAYS = [
    date.fromisoformat(text)
    for text in """2021-03-03 1999-12-31 2024-02-29 1969-07-20 2010-10-05 1987-01-18 2030-06-01
    1815-06-18 2003-11-27 1945-05-08 2017-08-09 1912-04-15 1955-09-22 2008-07-14 1776-07-04
    2022-01-30 1989-11-09 2013-05-25 1968-02-12 2027-12-06""".split()
]
add(
    "date",
    [
        "Write {x} as YYYY-MM-DD.",
        "Give the ISO form of this date. || {x}",
        "How would a database store {x}?",
        "ISO 8601, please: {x}",
        "Year first, then month, then day, with hyphens. || {x}",
    ],
    [({"x": written(day)}, day.isoformat(), exact(day.isoformat())) for day in DAYS[:12]],
    group="date-iso",
)
add(
    "date",
    [
        "Write the date {x} with the month as a word.",
        "Spell out this ISO date. || {x}",
        "Give {x} as day, month name and year.",
        "Read the timestamp as a person would. || {x}",
    ],
    [({"x": day.isoformat()}, written(day), exact(written(day))) for day in DAYS[12:]],
    group="date-words",
)


def month_lengths() -> list[tuple]:
    """Ask for the number of days of a month."""
    items = []
    for text in "1/2022 2/2023 2/2020 4/2025 6/2018 8/2011 9/2026 12/2005".split():
        month, year = map(int, text.split("/"))
        length = calendar.monthrange(year, month)[1]
        items.append(({"x": f"{MONTHS[month - 1]} {year}"}, str(length), number(length)))
    return items


add(
    "date",
    [
        "How many days are there in {x}?",
        "What is the length of {x} in days?",
        "Through how many days does {x} run?",
        "A calendar has one page per day. How many pages for {x}?",
    ],
    month_lengths(),
    group="date-length",
)


def gaps_between() -> list[tuple]:
    """Ask how many days lie between two dates."""
    items = []
    for day, gap in zip(DAYS[:8], [5, 14, 3, 30, 7, 20, 10, 61], strict=True):
        start = day.replace(year=2023) if (day.month, day.day) != (2, 29) else date(2023, 2, 27)
        values = {"a": written(start), "b": written(start + timedelta(days=gap))}
        items.append((values, f"{gap} days", number(gap, "days")))
    return items


add(
    "date",
    [
        "How many days is it from {a} to {b}?",
        "Count the days between {a} and {b}.",
        "A holiday starts on {a} and is over on {b}. How long is that in days?",
        "Started {a}, finished {b}: number of days?",
    ],
    gaps_between(),
    group="date-gap",
)

SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen""".split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(value: int) -> str:
    """Write a whole number below 1,000 in words: 342 as three hundred and forty-two."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    parts = [f"{SMALL[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        parts.append(TENS[tens] + (f"-{SMALL[ones]}" if ones else ""))
    elif rest or not hundreds:
        parts.append(SMALL[rest])
    return " and ".join(parts)


SPELLED = [13, 42, 58, 70, 99, 101, 115, 230, 367, 480, 512, 604, 799, 850, 21, 36, 64, 87, 12, 19]
DIGITS = [17, 25, 33, 48, 54, 61, 79, 82, 90, 106, 118, 141, 203, 259, 375, 420, 566, 608, 731, 944]
add(
    "number_words",
    [
        "Write {x} in words.",
        "Spell out the number. || {x}",
        "How do you say {x} aloud?",
        "Replace the digits by words: {x}",
        "A cheque needs the sum written out. || {x}",
        "In letters, not in figures: {x}",
        "Dictate {x} to someone who writes everything as words.",
        "{x}, fully spelled, is ...?",
        "A children's book never prints digits. What does it print for {x}?",
        "Name this number. || {x}",
    ],
    [
        ({"x": value}, words, exact(*dict.fromkeys([words, words.replace(" and ", " ")])))
        for value in SPELLED
        for words in [in_words(value)]
    ],
)
add(
    "number_words",
    [
        "Write '{x}' in digits.",
        "Which number is this? || {x}",
        "Turn the words into figures: {x}",
        "I heard {x}. What do I type?",
        "Note it down as digits. || {x}",
        "As a numeral: {x}",
        "The speaker said {x}; enter that on the keypad.",
        "A scoreboard shows digits. Show {x}.",
        "Give me the figure for {x}.",
        "Translate from language into a number: {x}",
    ],
    [({"x": in_words(value)}, str(value), number(value)) for value in DIGITS],
    group="number_words-digits",
)


# ---------------------------------------------------------------- changes of format


PEOPLE = """Ada Lovelace; Alan Turing; Marie Curie; Grace Hopper; Isaac Newton; Emmy Noether;
Claude Shannon; Rosalind Franklin""".replace("\n", " ").split("; ")
add(
    "format",
    [
        "Write the name as 'surname, first name'. || {x}",
        "A library catalogue puts the surname first, then a comma. Do the same with {x}.",
        "Bibliography style, family name first: {x}",
        "Turn {x} round, with a comma between the two parts.",
    ],
    [
        ({"x": name}, turned, exact(turned, strict=True))
        for name in PEOPLE
        for turned in [", ".join(reversed(name.split(" ")))]
    ],
    group="format-surname",
)

CLOCKS = "3:15 pm|15:15;8:05 am|08:05;11:30 pm|23:30;6:45 am|06:45;1:20 pm|13:20;9:10 pm|21:10"
CLOCKS += ";7:00 am|07:00;4:50 pm|16:50;10:25 am|10:25;5:35 pm|17:35"
add(
    "format",
    [
        "Write as a 24-hour time: {x}",
        "My watch has no am or pm. How does it show this time? || {x}",
        "Convert {x} to hh:mm on the 24-hour clock.",
        "How does a railway timetable print {x}?",
        "Digital display, counting up to 24 hours: {x}",
    ],
    [
        ({"x": given}, clock, exact(clock, clock.removeprefix("0")))
        for given, clock in pairs(CLOCKS)
    ],
    group="format-clock",
)

TITLES = """the old man and the lighthouse; a short walk in spring; seven ways to lose a key;
my life with bees; cooking for two; songs of the north; how rivers move; letters from an island"""
TITLES = TITLES.replace("\n", " ").split("; ")
add(
    "format",
    [
        "Make a file name in snake_case. || {x}",
        "Join the words with underscores: {x}",
        "Name a Python variable after this phrase. || {x}",
        "Replace each space by an underscore. || {x}",
    ],
    [
        ({"x": title}, name, exact(name, strict=True))
        for title in TITLES
        for name in [title.replace(" ", "_")]
    ],
    group="format-snake",
)

SIGNS = "exit only; wet paint; keep left; mind the gap; no entry; fresh eggs; staff room; last call"
add(
    "format",
    [
        "Write it all in capital letters. || {x}",
        "A sign painter uses upper case only. What does the sign say? || {x}",
        "Shout this in print. || {x}",
        "Caps lock on: {x}",
    ],
    [({"x": text}, text.upper(), exact(text.upper(), strict=True)) for text in SIGNS.split("; ")],
    group="format-upper",
)

LISTS = """milk, eggs, rice; hammer, nails, glue; Mon, Wed, Fri; piano, bass, drums;
tent, rope, map; red, white, blue; soap, towel, comb; beans, corn, peas; sand, gravel, lime;
pen, ink, paper"""
LISTS = LISTS.replace("\n", " ").split("; ")
add(
    "format",
    [
        "Turn the line into a bulleted list. || {x}",
        "One item a line, each after a hyphen: {x}",
        "Format as Markdown bullets. || {x}",
        "Make every entry a line that begins with '- '. || {x}",
        "Shopping-list layout with dashes in front: {x}",
    ],
    [
        ({"x": text}, bullets, exact(bullets, strict=True))
        for text in LISTS
        for bullets in ["\n".join(f"- {item}" for item in text.split(", "))]
    ],
    group="format-bullets",
)

INITIALS = """United Nations; World Health Organization; frequently asked questions;
as soon as possible; central processing unit; estimated time of arrival""".replace("\n", " ")
add(
    "format",
    ["Abbreviate to the first letters. || {x}", "Which letters stand for '{x}'?", "Acronym: {x}"],
    [
        ({"x": text}, short, exact(short))
        for text in INITIALS.split("; ")
        for short in ["".join(word[0].upper() for word in text.split() if word != "of")]
    ],
    group="format-initials",
)


# ---------------------------------------------------------------- knowledge


CITIES = pairs("""
Norway | Oslo; Spain | Madrid; Japan | Tokyo; Egypt | Cairo; Canada | Ottawa; Peru | Lima;
Greece | Athens; Portugal | Lisbon; Poland | Warsaw; Kenya | Nairobi; Cuba | Havana;
Austria | Vienna; Hungary | Budapest; Ireland | Dublin; Finland | Helsinki; Thailand | Bangkok;
Argentina | Buenos Aires; Denmark | Copenhagen; Italy | Rome; Russia | Moscow; China | Beijing;
Iran | Tehran; Iraq | Baghdad; Sweden | Stockholm;
Germany | Berlin; France | Paris; Turkey | Ankara; Australia | Canberra; Ukraine | Kyiv, Kiev;
South Korea | Seoul; Lebanon | Beirut; Bulgaria | Sofia; Serbia | Belgrade; Senegal | Dakar;
Venezuela | Caracas; Ecuador | Quito
""")
add(
    "geography",
    [
        "What is the capital of {x}?",
        "Name the capital city. || {x}",
        "In which city does the government of {x} sit?",
        "{x} has its capital in ...?",
        "A quiz asks for the capital belonging to {x}. What do I write?",
        "Country: {x}. Capital:",
        "Atlas question: the chief city and seat of power in {x}?",
        "Most embassies in {x} stand in its capital. Which one is that?",
        "Pin the capital on the map. || {x}",
        "{x}: capital?",
        "I am flying to {x} and want to see its capital. Where do I land?",
        "Complete: the capital called ___ lies in {x}.",
    ],
    [
        ({"x": country}, names.split(", ")[0], exact(*names.split(", ")))
        for country, names in CITIES
    ],
)

CONTINENTS = pairs("""
Nigeria | Africa; Vietnam | Asia; Bolivia | South America; Belgium | Europe; Mexico | North America;
Morocco | Africa; Nepal | Asia; Croatia | Europe; Ghana | Africa; Chile | South America;
Mongolia | Asia; Romania | Europe; Uruguay | South America; Zambia | Africa; Laos | Asia;
Latvia | Europe;
Angola | Africa; Pakistan | Asia; Paraguay | South America; Estonia | Europe
""")
add(
    "geography",
    [
        "On which continent is {x}?",
        "Name the continent. || {x}",
        "If I travel to {x}, which part of the world do I reach?",
        "Which continent does the country {x} belong to?",
        "Continent of {x}?",
        "Sort this state into its continent. || {x}",
        "{x} lies in which of the continents?",
        "World map: under what continent is {x} printed?",
    ],
    [({"x": country}, continent, exact(continent)) for country, continent in CONTINENTS],
    group="geography-continent",
)

DEFINITIONS = table("""
photosynthesis | The process by which plants make sugar from light, water and carbon dioxide.
gravity | The force that pulls masses towards each other.
democracy | A form of government in which the people choose their rulers.
a metaphor | A figure of speech that calls one thing another to show a likeness.
inflation | A general rise in prices over time.
an ecosystem | All living things of a place together with their surroundings.
evaporation | The change of a liquid into a gas at its surface.
a fossil | The preserved trace of an organism that lived long ago.
friction | The resistance between two surfaces that rub against each other.
a hypothesis | An idea about the world that can be tested.
an algorithm | A list of clear steps that solves a problem.
migration | The movement of people or animals from one region to another.
a vaccine | A substance that trains the body to resist a disease.
an orbit | The path of one body around another in space.
a budget | A plan for income and spending over a period.
biodiversity | The variety of living things in an area.
a monarchy | A state with a king or queen at its head.
erosion | The wearing away of rock or soil by water, wind or ice.
an adjective | A word that describes a noun.
a prime number | A whole number above one that only one and itself divide.
a peninsula | Land with water on three sides.
electricity | A form of energy carried by moving electric charges.
a glacier | A large mass of ice that moves slowly over land.
a satire | A work that mocks faults in order to criticise them.
a mammal | A warm-blooded animal that feeds its young with milk.
the equator | The imaginary line around the Earth, halfway between its poles.
a catalyst | A substance that speeds up a reaction without being used up.
a molecule | Two or more atoms held together by chemical bonds.
an autobiography | The story of a person's life, told by that person.
a tax | Money that people must pay to the state.
insomnia | Trouble with falling or staying asleep.
a refugee | A person who had to flee from home to be safe.
a compass | An instrument whose needle points north.
an alloy | A mixture of a metal with other elements.
a rhyme | Two words or lines that end in the same sound.
a parasite | An organism that lives on another and harms it.
recycling | Turning waste into material that can be used again.
nostalgia | A warm and slightly sad longing for the past.
a telescope | An instrument that makes distant objects look nearer.
an average | The sum of some values divided by how many there are.
""")
add(
    "definition",
    [
        "Define {x}.",
        "What is meant by {x}?",
        "Explain {x} in one sentence.",
        "Give a short definition. || {x}",
        "A pupil asks what {x} is. Answer briefly.",
        "Glossary entry for {x}:",
        "In plain words, what is {x}?",
        "Say in one line what we call {x}.",
        "Write one sentence that defines this term. || {x}",
        "Tell me what {x} is.",
    ],
    [({"x": term}, definition, None) for term, definition in DEFINITIONS],
)

NONSENSE = table("""
How much does the colour blue weigh? | colours have no weight.
Which colour do blue and yellow paint make? | green
What is the postcode of yesterday? | a day has no postcode.
If today is Friday, which day was the day before yesterday? | Wednesday
How many corners does a smell have? | smells have no corners.
How many corners does a cube have? | 8 | eight
Which day of the week is the tallest? | days have no height.
Which day of the week comes after Thursday? | Friday
Translate the number seven into cheese. | cheese is not a language.
Write the number seven as a Roman numeral. | VII
Who won the race that nobody ran? | a race without runners has no winner.
Ann runs faster than Bob. Who wins their race? | Ann
How old is the square root of nine? | numbers have no age.
How much is the square root of nine? | 3 | three
Which city is the letter K governed from? | letters have no government.
Which letter comes after K in the alphabet? | L
How fast does a triangle sleep? | triangles do not sleep.
How many angles has a triangle? | 3 | three
Which town lies north of the North Pole? | nothing lies north of the North Pole.
Which pole lies at the southern end of the Earth? | the South Pole | South Pole
How many litres of music fit into a bus? | music is not measured in litres.
How many half-litre bottles does one litre of milk fill? | 2 | two
When did the Moon marry the river Thames? | moons and rivers do not marry.
Through which capital does the river Thames flow? | London
How many legs does the word 'horse' have? | a word has no legs.
A horse stands on how many legs? | 4 | four
Name the king of the Atlantic Ocean. | an ocean has no king.
Name the ocean between Europe and North America. | the Atlantic | Atlantic | Atlantic Ocean | the Atlantic Ocean
Tell me the last digit of pi. | pi has no last digit.
Tell me the first digit of pi. | 3 | three
Which whole number is the largest of all? | there is no largest number.
Which whole number comes directly after 99? | 100 | one hundred
Explain how to fold water in half. | water cannot be folded.
What does water turn into when it boils? | steam | water vapour | vapour | gas | a gas
What did Julius Caesar write in his emails? | there were no emails in his time.
Of which ancient city was Julius Caesar a ruler? | Rome
At what time does the staircase go to bed? | staircases do not sleep.
At what time is noon on a 24-hour clock? | 12:00 | 12
How many kilometres long is honesty? | honesty has no length.
Of how many letters is 'honesty' made? | 7 | seven
Who is the grandmother of twelve? | numbers have no family.
What is half of twelve? | 6 | six
Give me the phone number of gravity. | gravity has no phone.
Who thought about gravity, as the story goes, when an apple fell? | Isaac Newton | Newton
How many minutes are in a metre? | a metre measures length, not time.
How many centimetres are in a metre? | 100 | one hundred
Turn 30 °C into kilograms. | a temperature is not a weight.
Is 30 °C hot or cold for a summer day? | hot
What is the population of the comma? | nobody lives in a comma.
What do we call the mark at the end of a question? | question mark | a question mark | the question mark
Measure the temperature of justice. | justice has no temperature.
What is measured in degrees Celsius? | temperature | the temperature
Which corner of the ball is the sharpest? | a ball has no corners.
Is a ball a cube or a sphere? | a sphere | sphere
Hum the sound of the colour red backwards. | a colour makes no sound.
Write the word 'red' backwards. | der
Who is the older sister of a kilogram? | a kilogram has no sister.
Which is heavier, a kilogram or a gram? | a kilogram | kilogram
How do pebbles say good morning? | pebbles do not speak.
How do you say 'good morning' in French? | bonjour
What will I dream on Friday at 3:07? | nobody can know a future dream.
What time is it ten minutes after 3:07? | 3:17
Which number am I thinking of right now? | thoughts cannot be read.
I am thinking of the number that is one more than six. Which is it? | 7 | seven
Which week of this year has nine days? | every week has seven days.
Which month of the year has the fewest days? | February
Draw a square with three corners. | every square has four corners.
A square has how many corners? | 4 | four
Name a month with forty days. | no month has forty days.
Which month with 31 days begins with an O? | October
Find an even number that ends in seven. | numbers that end in seven are odd.
Find an even number between 15 and 17. | 16 | sixteen
Where does a circle begin? | a circle has no beginning.
What is the distance from the centre of a circle to its edge called? | radius | the radius | a radius
Tell me the name of the Earth's ninth moon. | the Earth has only one moon.
Tell me how many moons the Earth has. | 1 | one
Who was president of France in the year 1200? | France had a king then, not a president.
What is the native language of most Parisians? | French
Look up the boiling point of friendship. | friendship does not boil.
Look up the freezing point of water in °C. | 0 | 0 °C
How many wheels does a melody need? | melodies have no wheels.
How many wheels does a tricycle need? | 3 | three
Which fish invented the telephone? | no fish invented it.
Which animal barks, a fish or a dog? | a dog | dog
Sort the winds by their shoe size. | winds wear no shoes.
What is a wind called that blows from the north? | a north wind | north wind | the north wind | northerly | a northerly
Why did Napoleon tweet so rarely? | there was no Twitter in his time.
In which country was Napoleon emperor? | France
""")


def sense_and_nonsense() -> None:
    """Pair each question without an answer with one that has an answer, about the same thing.

    Both share a group. A model that refuses everything is right on half of them only.
    """
    refusal = {"checker": "regex", "pattern": r"This cannot be answered: \S.*\."}
    for place, (odd, plain) in enumerate(zip(NONSENSE[::2], NONSENSE[1::2], strict=True), start=1):
        (question, reason), (other, *answers) = odd, plain
        items = [
            ({"x": question}, f"This cannot be answered: {reason}", refusal),
            ({"x": other}, answers[0], exact(*answers)),
        ]
        add("nonsense", ["{x}"], items, group=f"nonsense-{place:02d}")


sense_and_nonsense()


# ---------------------------------------------------------------- rewriting and summaries


def rewrites(text: str) -> list[tuple]:
    """Pair sentences with their rewritten form; a good rewrite has many forms, so no check."""
    return [({"x": before}, after, None) for before, after in table(text)]


add(
    "rewrite",
    on_input("Ask for this politely.", "Turn the order into a polite request.", "Say it kindly."),
    rewrites("""
    Close the window. | Could you please close the window?
    Send me the file now. | Could you please send me the file when you have a moment?
    Move your car. | Would you mind moving your car, please?
    Speak louder. | Could you speak a little louder, please?
    Give me the menu. | Could I have the menu, please?
    Fix my printer. | Could you help me with my printer, please?
    Stop whistling. | Would you mind not whistling, please?
    Call me back. | Could you please call me back?
    Wait outside. | Would you please wait outside for a moment?
    Tell me your name. | May I ask your name, please?
    Turn off that radio. | Would you mind turning off the radio, please?
    Hold this bag. | Could you hold this bag for me, please?"""),
    group="rewrite-polite",
)
add(
    "rewrite",
    on_input(
        "Rewrite in a formal style.",
        "Make it fit for a business letter.",
        "My boss will read this. Change the tone.",
    ),
    rewrites("""
    Hey, got your mail, thanks a lot! | Thank you very much for your email.
    Sorry, can't make it on Friday. | I am sorry, but I am unable to attend on Friday.
    What's the price? | Could you please tell me the price?
    We're gonna be late. | We will be late.
    Your stuff is really great. | We are very pleased with your products.
    Get back to me soon, OK? | I look forward to your reply.
    The bill is way too high. | The amount of the bill appears to be too high.
    Can't find the file, sorry. | Unfortunately, I was unable to find the file.
    Let's meet up next week. | I would like to suggest a meeting next week.
    That idea won't work. | I am afraid that this proposal is not feasible.
    Cheers for helping out! | Thank you for your assistance.
    The kids loved the tour. | The children enjoyed the tour very much."""),
    group="rewrite-formal",
)
add(
    "rewrite",
    on_input(
        "Say it in fewer words.",
        "Cut the padding.",
        "Too long. Make it brief.",
    ),
    rewrites("""
    Due to the fact that it rained, we stayed at home. | We stayed at home because it rained.
    At this point in time we have no rooms. | We have no rooms now.
    He is a man who works very hard. | He works very hard.
    In the event that you are late, please call. | If you are late, please call.
    There are many people who like cheese. | Many people like cheese.
    She spoke in a quiet manner. | She spoke quietly.
    It is my opinion that the plan is good. | I think the plan is good.
    The reason why I came is to help. | I came to help.
    We made a decision to leave. | We decided to leave.
    The car, which is red in colour, is mine. | The red car is mine.
    They have the ability to win. | They can win.
    I would like to say thank you to you. | Thank you."""),
    group="rewrite-short",
)

SUMMARIES = paragraphs("""
The library will close at noon on Friday because the heating must be repaired. It opens again on
Monday morning.
| The library is closed from Friday noon to Monday for repairs.

Bees visit flowers to collect nectar. As they fly, they carry pollen from plant to plant, and so
fruit can grow.
| Bees pollinate plants while they collect nectar.

Lena practised the violin every day for a year. In June she passed the entrance test of the
music school.
| Lena's daily practice got her into music school.

The old bridge was too weak for lorries. The town has now built a stronger one beside it.
| The town replaced its weak bridge with a stronger one.

Our flight was cancelled because of fog. We slept at the airport and left the next morning.
| Fog delayed our flight until the next morning.

The bakery sold out by nine. Its new owner has decided to bake twice as much from tomorrow.
| The bakery will double its baking because it sells out early.

Camels can go for days without drinking. They store fat, not water, in their humps.
| Camels store fat in their humps and need little water.

The team lost its first three games. Then a new coach arrived, and it has won every match since.
| A new coach turned the losing team into a winning one.

Many houses in the village stand empty. Young families move to the city, where there is work.
| The village is emptying as families leave for work.

Tea was once so dear that it was locked away. Today almost everyone can afford a cup.
| Tea used to be a luxury and is now cheap.

The phone fell into the lake. After two days in a bag of rice it still did not work.
| The phone was ruined by falling into the lake.

Tom wanted to paint the fence green. The shop had only blue, so the fence is blue now.
| Tom's fence is blue because green paint was sold out.

Glass can be melted and shaped again and again. For this reason old bottles are collected.
| Old bottles are collected because glass can be reused.

The museum shows three hundred clocks. The oldest was built in 1510 and still keeps time.
| The museum's oldest clock dates from 1510 and still works.

It has not rained since April. Farmers fear that the harvest will be small.
| Farmers fear a small harvest because of the drought.

The meeting was meant to last an hour. It took three, and nothing was decided.
| The meeting ran far too long and decided nothing.

Owls hunt at night. Their soft feathers let them fly without a sound, so mice do not hear them
coming.
| Owls fly silently and surprise mice at night.

A boy found a wallet with 200 euros and took it to the police. The owner gave him a reward.
| A boy was rewarded for returning a wallet.

The new tram line saves people ten minutes a day. Even so, many still prefer the car.
| The new tram is faster, but many still drive.

Salt was used to keep meat fresh long before there were fridges. Ships carried barrels of salted
pork.
| Before fridges, meat was preserved with salt.

Mia forgot her umbrella on the bus. When she called the company, someone had already handed it
in.
| Mia's forgotten umbrella was handed in.

The lighthouse has stood on the rock for a century. Since last year it works without a keeper.
| The hundred-year-old lighthouse now runs without a keeper.

Our neighbours keep six hens. They give us eggs, and we look after the hens in summer.
| We get our neighbours' eggs for tending their hens in summer.

Cheap shoes wear out in a season. A good pair costs more but can be mended for years.
| Good shoes cost more but last much longer.

The singer lost her voice an hour before the concert. A student took her place and was cheered.
| A student successfully replaced the singer, who had lost her voice.

Ice covers most of Greenland. As the ice melts, the sea rises all over the world.
| Greenland's melting ice raises the sea worldwide.

The school garden began with ten tomato plants. Now it feeds the whole canteen.
| The small school garden has grown to feed the canteen.

Paper was invented in China about two thousand years ago. It took a thousand years to reach
Europe.
| Paper came from China and reached Europe a thousand years later.

Ravi wrote to twenty companies. Only one replied, but it offered him the job he wanted.
| Only one company replied to Ravi, with the job he wanted.

The lift is out of order until Thursday. Please use the stairs at the back of the building.
| Use the back stairs, as the lift is broken until Thursday.

Dogs can smell things that we cannot. Some of them are trained to find people under snow.
| Dogs' keen noses help to find people under snow.

The film cost very little to make. Word of mouth filled the cinemas for months.
| The cheap film became a hit by word of mouth.

Two rivers meet in the town. Every spring they flood the market square.
| The town's two rivers flood its market square each spring.

Sara sold her car and bought a bicycle. She now arrives earlier, for she never stands in
traffic.
| Sara is faster by bicycle than she was by car.

The shop gives a discount to students on Mondays. They need to show a student card at the till.
| Students with a card get a discount on Mondays.

An old map showed an island that nobody could find. In the end it proved to be a printing error.
| The mysterious island was only a printing error.
""")
add(
    "summary",
    on_input(
        "Summarise in one sentence.",
        "What is the main point?",
        "Give the gist in a few words.",
        "Shorten the text to one line.",
        "Write a headline-length summary.",
        "Sum it up.",
        "Tell a busy reader what matters here.",
        "Condense this.",
        "In one short sentence, what happened or what is true?",
    ),
    [({"x": text}, gist, None) for text, gist in SUMMARIES],
)


# ---------------------------------------------------------------- the workshop's own facts


def gpt2_parameters(layers: int, width: int) -> int:
    """Count GPT-2's parameters: embeddings, blocks and the last norm; the head is tied."""
    return (50257 + 1024) * width + layers * (12 * width * width + 13 * width) + 2 * width


WORKSHOP_NUMBERS = [  # questions that ask for the same number stand together and share a group
    (
        gpt2_parameters(12, 768),
        "How many parameters does GPT-2 124M have?",
        "Write out the exact size of the smallest GPT-2 in parameters.",
    ),
    (
        gpt2_parameters(24, 1024),
        "Give the exact parameter count of GPT-2 medium.",
    ),
    (
        gpt2_parameters(36, 1280),
        "Exactly how large is GPT-2 large, counted in parameters?",
    ),
    (
        gpt2_parameters(48, 1600),
        "GPT-2 XL: state its number of parameters.",
    ),
    (1024, "What is the context length of GPT-2?", "How many tokens can GPT-2 see at once?"),
    (50257, "How large is GPT-2's vocabulary?", "Between how many tokens does GPT-2 choose?"),
    (50000, "How many merges does the tokenizer of GPT-2 use?"),
    (256, "With how many single bytes does byte-level BPE begin?"),
    (12, "How many blocks are stacked in GPT-2 124M?", "Number of layers in GPT-2 small?"),
    (24, "GPT-2 medium has how many blocks?"),
    (36, "State the number of blocks of GPT-2 large."),
    (48, "How deep is GPT-2 XL, counted in blocks?"),
    (768, "How wide are the embeddings of GPT-2 124M?", "State the channels C of GPT-2 small."),
    (64, "What is the width of one attention head in GPT-2 124M?"),
    (134515008, "How many parameters does SmolLM2-135M have?", "SmolLM2-135M in exact parameters?"),
    (30, "How many transformer blocks are in SmolLM2-135M?", "Count the layers of SmolLM2-135M."),
    (49152, "What is the vocabulary size of SmolLM2?", "How many tokens does SmolLM2 know?"),
    (576, "How wide is SmolLM2-135M, counted in channels?"),
    (9, "How many query heads has SmolLM2-135M in each block?"),
    (3, "How many key and value heads do the blocks of SmolLM2-135M have?"),
    (8192, "What context length was SmolLM2 made for?"),
    (6, "How many chapters has this workshop?", "The workshop is divided into how many chapters?"),
    (-100, "Which label does the loss ignore?", "What value marks masked targets?"),
    (2, "How many CPU cores are enough for this workshop?"),
]
NAMES = table("""
What is the workshop's package called? | workshop_lib
Which package do the notebooks import from? | workshop_lib
-
On which texts do we pretrain? | Shakespeare's plays | the plays of Shakespeare
Whose plays does our small GPT learn from? | Shakespeare's | Shakespeare
-
Which tool finetunes SmolLM2 in chapter 6? | LitGPT
-
Which small chat model do we load in this workshop? | SmolLM2-135M-Instruct | SmolLM2 | SmolLM2-135M
-
Which licence has the instruction data of this workshop? | CC0
How is instructions.json licensed? | CC0
-
Which command starts the workshop? | python3 setup/start.py
-
Which command runs the whole test suite? | python3 setup/start.py test
-
Do I need a GPU for this workshop? | no
Can I follow without a graphics card? | yes
-
Must I register an account to take part? | no
-
In which folder do my own copies and results land? | work | work/
-
Which profile is used without a GPU? | cpu
-
Which profile is meant for quick test loops? | smoke
-
Which chapter is about tokenizers? | chapter 2 | 2
Where do we learn byte-pair encoding? | chapter 2 | 2
-
In which chapter do we build attention? | chapter 3 | 3
-
Where in the workshop is the GPT pretrained? | chapter 4 | 4
-
Which chapter loads pretrained weights? | chapter 5 | 5
-
Which chapter teaches finetuning? | chapter 6 | 6
Where does LoRA come up in the workshop? | chapter 6 | 6
-
What does BPE stand for? | byte-pair encoding
Expand the abbreviation BPE. | byte-pair encoding
-
LoRA is short for which three words? | low-rank adaptation
Which words are behind the name LoRA? | low-rank adaptation
-
What is GPT short for? | generative pretrained transformer | generative pre-trained transformer
-
LLM is an abbreviation of what? | large language model
-
RoPE, written in full? | rotary position embedding
-
What does the acronym KV in 'KV cache' mean? | key and value | key-value | keys and values
-
Which of LoRA's two matrices starts at zero? | B
-
Which norm does GPT-2 use? | LayerNorm
-
Which norm do Llama models use? | RMSNorm
-
What activation function is in GPT-2's feed-forward layer? | GELU
-
Which feed-forward layer belongs to SmolLM2? | SwiGLU
-
In which unit do we report the loss? | nats per token
-
Which chat template does SmolLM2 use? | ChatML
""")
EXPLANATIONS = table("""
What does a tokenizer do? | It cuts text into tokens and gives each one a number.
What do we call a token? | A piece of text with a number of its own.
Why is attention in a GPT causal? | So that no token can look at the tokens after it.
Why is the prompt masked in finetuning? | So that only the response is learned.
Why does LoRA's matrix B begin with zeros? | So that the model starts unchanged.
What is a logit? | The score of one token before the softmax.
Tell me what softmax does. | It turns scores into probabilities that add up to one.
What effect has a low temperature? | The model picks likely tokens more often.
What is a KV cache good for? | It keeps old keys and values, so each new token costs less.
Explain weight tying. | The token embedding and the output head share one matrix.
How do you notice overfitting? | The training loss falls while the validation loss rises.
Why do we keep a validation set? | To measure the loss on text the model was not trained on.
Explain the word 'batch'. | Several samples that pass through the model together.
What happens during warm-up? | The learning rate rises from near zero to its highest value.
What is a residual connection? | The input of a layer is added to its output.
How does top-k sampling choose? | It draws from the k most likely tokens.
What is stored in a checkpoint? | The weights and the state of the training run.
What does pretraining teach a model? | To predict the next token of plain text.
And what is finetuning? | Training a pretrained model further on a narrower task.
What is a token embedding? | A vector that stands for the token and is learned.
Why are splits made by group? | So that near twins never sit in both training and test.
What is a prompt template? | The fixed text that is put around an instruction.
Describe greedy decoding. | The most likely token is taken at every step.
Why are attention scores scaled down? | So that they do not grow with the width of a head.
What does merging a LoRA adapter mean? | Adding the scaled product of B and A to the frozen weight.
How do perplexity and loss belong together? | Perplexity is e to the power of the loss.
What does one end token teach the model? | To stop when the answer is complete.
Why is AdamW's state so large? | It keeps two extra numbers for every trained parameter.
""")


def workshop_names() -> list[list[list[str]]]:
    """Split NAMES at its dashes: questions with the same fact stand together."""
    facts: list[list[list[str]]] = [[]]
    for row in NAMES:
        if row == ["-"]:
            facts.append([])
        else:
            facts[-1].append(row)
    return facts


for place, (value, *questions) in enumerate(WORKSHOP_NUMBERS):
    rows = [({"x": question}, grouped(value), number(value)) for question in questions]
    add("workshop", ["{x}"], rows, group=f"workshop-number-{place + 1:02d}")
for place, fact in enumerate(workshop_names()):
    rows = [({"x": question}, names[0], exact(*names)) for question, *names in fact]
    add("workshop", ["{x}"], rows, group=f"workshop-name-{place + 1:02d}")
for place, (question, answer) in enumerate(EXPLANATIONS):
    rows = [({"x": question}, answer, None)]
    add("workshop", ["{x}"], rows, group=f"workshop-why-{place + 1:02d}")


def as_json() -> bytes:
    """Write the entries as JSON, one a line."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f"[\n{lines}\n]\n".encode()


if __name__ == "__main__":
    FILE.write_bytes(as_json())
    print(f"{len(entries):,} entries in {len({entry['kind'] for entry in entries})} kinds")
