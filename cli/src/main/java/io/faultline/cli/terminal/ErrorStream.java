package io.faultline.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Standard error that never blocks: messages, log lines and the progress bar come from all threads.
 * The end of the process waits for what is still to be written, but not for long. Thread-safe.
 */
public final class ErrorStream extends PrintStream {
  private static final Duration AT_EXIT = Duration.ofSeconds(2);

  private final BackgroundWriter writer;

  private ErrorStream(Target target) {
    super(target, true, System.err.charset());
    this.writer = target.writer;
  }

  /** Replaces {@code System.err}. */
  public static void install() {
    ErrorStream stream = new ErrorStream(new Target(new FileOutputStream(FileDescriptor.err)));
    System.setErr(stream);
    Thread atExit = new Thread(() -> stream.writer.awaitWritten(AT_EXIT), "flush-standard-error");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Waits a moment until what was printed so far is written, if this is installed. */
  public static void awaitWritten() {
    if (System.err instanceof ErrorStream stream) {
      stream.writer.awaitWritten(AT_EXIT);
    }
  }

  /** Passes on each write, which is a whole line or more, as one. */
  private static final class Target extends OutputStream {
    private final OutputStream file;
    private final BackgroundWriter writer =
        new BackgroundWriter("standard-error", this::writeDropNotice);

    Target(OutputStream file) {
      this.file = file;
    }

    @Override
    public void write(int oneByte) {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
      writer.offer(() -> writeNow(copy));
    }

    private void writeDropNotice(long count) {
      String notice = CommandOutput.dropNotice(count, "standard error");
      writeNow(("faultline: " + notice + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void writeNow(byte[] bytes) {
      try {
        file.write(bytes);
      } catch (IOException e) {
        return; // nothing reads it any more
      }
    }
  }
}
