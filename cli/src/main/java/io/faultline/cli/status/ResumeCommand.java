package io.faultline.cli.status;

import java.nio.file.Path;

/** The command that resumes the migration of a dead source. */
public final class ResumeCommand {
  private ResumeCommand() {}

  /**
   * The command line, for the user.
   *
   * @param migration the id, 32 digits
   * @param journal the journal file
   */
  public static String of(String migration, Path journal) {
    return "faultline source --resume "
        + migration
        + " --journal "
        + journal.toAbsolutePath().getParent();
  }
}
