"""Training pipeline from annotations to a released bundle."""
