package io.faultline.cli.options;

/**
 * Wrong use that only a command can detect, such as options that do not combine, or a VM that does
 * not fit this machine: exit code 2. The message names the option, the reason and the remedy in one
 * line.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
