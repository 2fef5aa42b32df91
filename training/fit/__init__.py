"""Fitting: fine-tuning, pretraining, distillation."""
