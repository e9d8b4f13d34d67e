package io.faultline.cli.options;

/**
 * Wrong use that shows only when options are seen together, or against this machine: exit code 2.
 * The message names the options, the reason and the remedy, in one line.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
