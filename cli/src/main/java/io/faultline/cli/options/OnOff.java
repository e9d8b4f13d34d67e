package io.faultline.cli.options;

/** Values of options that are switched on or off. */
public enum OnOff {
  ON,
  OFF;

  /** As on the command line. */
  @Override
  public String toString() {
    return this == ON ? "on" : "off";
  }
}
