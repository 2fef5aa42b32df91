"""From annotations to a released bundle: base, fine-tuning, calibration, evaluation, export."""
