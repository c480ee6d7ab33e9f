"""The figures of 06c_finetuning_with_litgpt."""

from figures.svg import Drawing


def litgpt_finetuning() -> str:
    """The plan of the finetuning run."""
    drawing = Drawing(
        940,
        330,
        "Finetuning with LitGPT",
        "Instruction data is split by group into training and test tasks. LitGPT trains small LoRA "
        "matrices beside SmolLM2's frozen weights, merges them, and the merged weights come back "
        "into our own model class. Base and finetuned model answer the same test tasks.",
    )
    drawing.box(20, 130, 150, 66, "instructions", note="tasks with answers", colour="grey")
    drawing.arrow((170, 148), (238, 90))
    drawing.arrow((170, 178), (238, 252))
    drawing.box(240, 55, 150, 66, "training tasks", note="about 3 in 4", colour="green")
    drawing.box(240, 222, 150, 66, "test tasks", note="1 in 4, by group", colour="yellow")
    drawing.arrow((390, 88), (458, 88))
    drawing.box(460, 30, 190, 52, "SmolLM2's weights", note="frozen", colour="grey")
    drawing.box(460, 92, 190, 52, "LoRA matrices", note="trained by LitGPT", colour="orange")
    drawing.arrow((650, 88), (738, 88), label="merge")
    drawing.box(740, 55, 180, 66, "our GPT class", note="finetuned weights", colour="purple")
    drawing.arrow((555, 144), (555, 220), label="before")
    drawing.arrow((830, 121), (830, 220), label="after")
    drawing.box(460, 222, 190, 66, "answers, scored", colour="blue")
    drawing.box(740, 222, 180, 66, "answers, scored", colour="blue")
    drawing.arrow((390, 255), (458, 255))
    drawing.arrow((650, 255), (738, 255), head=False, dashed=True)
    drawing.text(694, 238, "compare", 14, colour="grey")
    return drawing.svg()
