package io.faultline.qemu.qmp;

import java.io.IOException;

/** QEMU refused a command. The message is for the user. */
public final class QmpException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String kind;

  QmpException(String command, String kind, String description) {
    super("QEMU refuses " + command + ": " + description);
    this.kind = kind;
  }

  /** The class of the error, such as {@code CommandNotFound} or {@code GenericError}. */
  public String kind() {
    return kind;
  }
}
