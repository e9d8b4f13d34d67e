package io.faultline.cli.criu;

import io.faultline.cli.terminal.BackgroundWriter;
import io.faultline.cli.terminal.ErrorStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The log of a command in CRIU's form: {@code (00.001234) lazy-pages: what happened}. Errors go to
 * standard error in any case. Any thread may log: none waits for the file.
 */
public final class CriuLog implements AutoCloseable {
  static final int ERRORS = 1;
  static final int WARNINGS = 2;
  static final int INFORMATION = 3;
  static final int DETAILS = 4;

  private static final Duration AT_END = Duration.ofSeconds(2);
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final @Nullable OutputStream file;
  private final PrintWriter standardError;
  private final int verbosity;
  private final long startNanos = System.nanoTime();
  private final BackgroundWriter writer;

  private CriuLog(@Nullable OutputStream file, int verbosity, PrintWriter standardError) {
    this.file = file;
    this.verbosity = verbosity;
    this.standardError = standardError;
    writer = new BackgroundWriter("log", count -> writeNow("(" + count + " lines were dropped)\n"));
  }

  /**
   * Opens a log.
   *
   * @param path replaces this file; null for standard error
   * @param verbosity 1 to 4, as CRIU's
   */
  static CriuLog open(@Nullable Path path, int verbosity, PrintWriter standardError)
      throws IOException {
    try {
      return new CriuLog(
          path == null ? null : Files.newOutputStream(path), verbosity, standardError);
    } catch (IOException e) {
      throw new IOException("--log-file " + path + ": cannot be written (" + e + ")", e);
    }
  }

  public void error(String message) {
    print(message);
    record(message);
  }

  /** Writes an error to the file that standard error shows anyway. */
  public void record(String message) {
    if (file != null) {
      write(ERRORS, "Error: " + message);
    }
  }

  public void warning(String message) {
    log(WARNINGS, "Warn: " + message);
  }

  /** What happens: shown with {@code -v3}. */
  public void info(String message) {
    log(INFORMATION, message);
  }

  /** Shown with {@code -v4}. */
  public void detail(String message) {
    log(DETAILS, message);
  }

  private void log(int level, String message) {
    if (file != null) {
      write(level, message);
    } else if (level <= verbosity) {
      print(message);
    }
  }

  private void print(String message) {
    standardError.print("faultline: " + message + System.lineSeparator());
    standardError.flush();
  }

  private void write(int level, String message) {
    if (level <= verbosity) {
      String line = (verbosity >= INFORMATION ? time() : "") + message + "\n";
      writer.offer(() -> writeNow(line));
    }
  }

  private String time() {
    long micros = (System.nanoTime() - startNanos) / 1000;
    return String.format(
        Locale.ROOT, "(%02d.%06d) ", micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
  }

  private void writeNow(String line) {
    OutputStream to = file;
    if (to == null) {
      return;
    }
    try {
      to.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return; // the disk is full: the restore is more important
    }
  }

  /** Waits a moment until what was logged so far is written, as before the process ends. */
  public void awaitWritten() {
    boolean _ = writer.awaitWritten(AT_END);
    ErrorStream.awaitWritten();
  }

  @Override
  public void close() {
    boolean _ = writer.awaitWritten(AT_END);
  }
}
