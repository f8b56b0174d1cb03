"""The bodies of the service's answers, as OpenAPI describes them."""

from typing import Annotated

from pydantic import BaseModel, Field

Base64Png = Annotated[str, Field(examples=["iVBORw0KGgoAAAANSUhEUg=="])]


class Face(BaseModel):
    """The face that was cut out of a photograph, in pixels from its upper left corner."""

    left: int = Field(description="May lie outside the photograph.", examples=[173])
    top: int = Field(examples=[66])
    width: int = Field(examples=[103])
    height: int = Field(examples=[103])
    faces: int = Field(description="How many the photograph shows; this is the largest.", examples=[1])


class StegExpose(BaseModel):
    """What StegExpose says of the container."""

    score: float | None = Field(description="Mean of its four detectors; null if none works here.", examples=[0.03])
    threshold: float = Field(description="Above it StegExpose cries steganography.", examples=[0.2])
    suspicious: bool = Field(description="Whether the score is above the threshold.", examples=[False])


class HideAnswer(BaseModel):
    """A container, and how it compares with its cover."""

    container: Base64Png = Field(description="PNG in base64. Keep it as it is: JPEG destroys what it hides.")
    change: Base64Png = Field(
        description="PNG in base64: 128 + container - cover, in grey levels; larger ones are cut off."
    )
    width: int = Field(description="Of the container, pixels.", examples=[451])
    height: int = Field(examples=[300])
    psnr_db: float | None = Field(description="dB; null where container and cover are equal.", examples=[44.1])
    ms_ssim: float | None = Field(description="In [0, 1]; null for covers below 11 px a side.", examples=[0.998])
    stegexpose: StegExpose
    face: Face | None = Field(description="What was cut out of the secret; null without crop_face.")
    notes: list[str] = Field(description="What the files hold and was not used.", examples=[[]])


class CoverAnswer(BaseModel):
    """One of our own covers."""

    name: str = Field(description="For the field `cover_name` of /hide.", examples=["coffee"])
    what: str = Field(description="What it shows.", examples=["A cup of coffee"])
    width: int = Field(examples=[451])
    height: int = Field(examples=[300])
    thumbnail: Base64Png = Field(description="PNG in base64.")


class EmbedAnswer(BaseModel):
    """The hidden person as a vector; no face can be restored from it by us."""

    embedding: list[float] = Field(description="Unit vector.", examples=[[0.6, -0.8]])
    system_hash: str = Field(description="Only vectors of the same system can be compared.", examples=["9f2c"])


class VerifyAnswer(BaseModel):
    """Whether two containers hide the same person."""

    same: bool | None = Field(description="Null where the system was calibrated on too few pairs.", examples=[True])
    distance: float = Field(description="Euclidean, in [0, 2].", examples=[0.61])
    threshold: float | None = Field(description="The largest distance that means yes.", examples=[0.92])
    false_accept_rate: float = Field(description="How often strangers pass as the same person.", examples=[0.01])


class CandidateAnswer(BaseModel):
    """An enrolled person beside the probe."""

    person: str = Field(examples=["Ada"])
    distance: float = Field(description="Euclidean, in [0, 2].", examples=[0.61])
    probability: float | None = Field(description="That it is this person, as calibrated.", examples=[0.97])


class IdentifyAnswer(BaseModel):
    """Who is hidden, if it is anybody enrolled."""

    person: str | None = Field(description="Null: nobody who is enrolled.", examples=["Ada"])
    threshold: float | None = Field(description="The largest distance that means somebody.", examples=[0.8])
    false_positive_rate: float = Field(description="How often a stranger is taken for somebody.", examples=[0.01])
    candidates: list[CandidateAnswer] = Field(description="Nearest first.")


class EnrolAnswer(BaseModel):
    """Who was enrolled."""

    person: str = Field(examples=["Ada"])
    added: int = Field(
        description="Containers enrolled by this request; those that were already are not counted.", examples=[1]
    )


class PersonAnswer(BaseModel):
    """Somebody who is enrolled."""

    person: str = Field(examples=["Ada"])
    containers: int = Field(examples=[2])
    added: str = Field(description="When the first was, UTC, ISO 8601.", examples=["2026-01-31T12:00:00+00:00"])


class ForgetAnswer(BaseModel):
    """Who was forgotten."""

    person: str = Field(examples=["Ada"])
    removed: int = Field(description="Containers that are enrolled no more.", examples=[2])


class SystemAnswer(BaseModel):
    """What answers here, and what this caller may do."""

    name: str = Field(examples=["lfw-single"])
    task: str = Field(description='"single" recognises, "multi" restores too.', examples=["single"])
    image_size: int = Field(description="Side of the secret inside, pixels.", examples=[112])
    system_hash: str = Field(examples=["9f2c"])
    key_fingerprint: str | None = Field(
        description="Of the user's own key; null for the public one.", examples=["5d41"]
    )
    limits: str = Field(
        default="",
        description="What the system is not good for; missing where its card does not say.",
        examples=["Containers must not be resized."],
    )
    false_accept_rates: list[float] = Field(description="Those that /verify knows.", examples=[[0.1, 0.01]])
    roles: list[str] = Field(description="What this caller may do.", examples=[["hide", "recognise"]])
    max_pixels: int = Field(description="Of one picture.", examples=[4000000])
    max_upload_bytes: int = Field(description="Of one request.", examples=[16777216])
    people: int = Field(description="How many are enrolled.", examples=[0])


class StateAnswer(BaseModel):
    """Whether the service is there."""

    state: str = Field(examples=["ok"])
