package io.faultline.cli;

import io.faultline.cli.options.UsageException;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Describes a failure in one line, for the user. */
final class Errors {
  private Errors() {}

  /** Describes why a command failed. */
  static String describe(Throwable thrown) {
    Throwable e = unwrap(thrown);
    String message = e.getMessage();
    String text =
        switch (e) {
          case NoSuchFileException missing -> "no such file: " + missing.getFile();
          case AccessDeniedException denied -> "permission denied: " + denied.getFile();
          case FileAlreadyExistsException existing -> "already exists: " + existing.getFile();
          case UnknownHostException host -> "unknown host: " + host.getMessage();
          case OutOfMemoryError memory -> "out of memory: " + memory.getMessage();
          default -> message != null && hasMessageForUsers(e) ? message : "internal error: " + e;
        };
    return oneLine(text);
  }

  /** Describes what is wrong with the arguments. */
  static String describeWrongUse(ParameterException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = unmatched(unmatched);
    }
    return oneLine(message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1));
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String argument = e.getUnmatched().getFirst();
    boolean isRoot = e.getCommandLine().getParent() == null;
    String kind = argument.startsWith("-") ? "option" : isRoot ? "command" : "argument";
    List<String> similar = e.getSuggestions();
    String hint = similar.isEmpty() ? "" : ", did you mean " + similar.getFirst() + "?";
    return "unknown " + kind + " '" + argument + "'" + hint;
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable e = thrown;
    while (e.getCause() != null
        && (e instanceof ExecutionException
            || e instanceof CompletionException
            || e instanceof UncheckedIOException)) {
      e = e.getCause();
    }
    return e;
  }

  /** Whether the message alone is enough; of other exceptions the class is shown, too. */
  private static boolean hasMessageForUsers(Throwable e) {
    return e instanceof UsageException
        || e instanceof SystemCallException
        || e instanceof IOException
        || e instanceof IllegalArgumentException
        || e instanceof IllegalStateException
        || e instanceof UnsupportedOperationException
        || e.getClass().getName().startsWith("io.faultline.");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
