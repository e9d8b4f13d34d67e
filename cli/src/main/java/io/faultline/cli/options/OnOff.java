package io.faultline.cli.options;

/** What an option can say that is switched on or off. */
public enum OnOff {
  ON,
  OFF;

  /** As on the command line. */
  @Override
  public String toString() {
    return this == ON ? "on" : "off";
  }
}
