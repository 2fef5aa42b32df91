"""From a trained model to a released bundle."""
