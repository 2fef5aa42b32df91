"""Training pipeline from annotations to a released bundle: base, fine-tuning, calibration, evaluation,
export."""
