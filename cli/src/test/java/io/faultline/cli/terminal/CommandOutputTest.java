package io.faultline.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandOutputTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine line =
      new CommandLine(CommandSpec.create())
          .setOut(new PrintWriter(out))
          .setErr(new PrintWriter(err));

  @Test
  void summaryFollowsTheLines() {
    try (CommandOutput output = new CommandOutput(line, false)) {
      output.guestConsole(true).accept("tick 1");
      output.out().print("summary");
      output.out().flush();
    }
    assertThat(out.toString()).isEqualTo("tick 1" + System.lineSeparator() + "summary");
  }

  @Test
  void closingWaitsForTheLines() {
    try (CommandOutput output = new CommandOutput(line, true)) {
      output.print("listening");
      output.remark("not shown");
      output.message("shown");
      output.guestConsole(false).accept("not shown");
    }
    assertThat(out.toString()).isEqualTo("listening" + System.lineSeparator());
    assertThat(err.toString()).isEqualTo("faultline: shown" + System.lineSeparator());
  }

  @Test
  @Timeout(120)
  void linesDoNotWaitForAReaderThatDoesNotRead() {
    CountDownLatch reads = new CountDownLatch(1);
    line.setOut(new PrintWriter(new Unread(out, reads)));
    try (CommandOutput output = new CommandOutput(line, true)) {
      for (int i = 0; i < 3 * BackgroundWriter.CAPACITY; i++) {
        output.print("tick " + i);
      }
      reads.countDown();
    }
    assertThat(out.toString()).startsWith("tick 0" + System.lineSeparator() + "tick 1");
    assertThat(err.toString()).contains("lines were not printed, because nothing read standard");
  }

  /** Blocks as a full pipe does. */
  private static final class Unread extends Writer {
    private final Writer target;
    private final CountDownLatch reads;

    Unread(Writer target, CountDownLatch reads) {
      this.target = target;
      this.reads = reads;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      try {
        reads.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      target.write(text, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
