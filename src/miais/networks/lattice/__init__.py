"""Our strong networks: messages on the fine scale of a picture's samples, where the picture itself is no noise.

`phases` writes and reads; a carrier says which samples; a channel puts both together; generator, classifier, restorer
are the paper's h, f and r on top of it.
"""
