"""Training, evaluation and export of Earshot's audio-classification models."""
