import torch

from miais.networks.recognition import Recognition


def test_an_answer_has_two_names_and_unpacks_in_their_order():
    embedding, logits = torch.zeros(2, 4), torch.ones(2, 3)
    answer = Recognition(embedding, logits)
    assert answer._fields == ("embedding", "logits")
    assert answer.embedding is embedding
    assert tuple(answer) == (embedding, logits)
