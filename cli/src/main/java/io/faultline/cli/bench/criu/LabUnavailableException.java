package io.faultline.cli.bench.criu;

/** This machine cannot move processes with CRIU; the message says why, on one line. */
public final class LabUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public LabUnavailableException(String reason) {
    super(reason);
  }
}
