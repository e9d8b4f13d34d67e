package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Probe probe = new Probe();

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("Usage: faultline COMMAND", "doctor", "Exit codes");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyCommandHasHelp() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      assertThat(run(command, "--help")).isZero();
      assertThat(out.toString()).contains("Usage: faultline " + command);
    }
  }

  @Test
  void helpListsEveryCommandInAtMost80Columns() {
    run("--help");
    List<String> lines = out.toString().lines().toList();
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(lines.stream().filter(line -> line.matches("  " + name + " .*")))
                    .as(name)
                    .hasSize(command.getCommandSpec().usageMessage().hidden() ? 0 : 1));
    assertThat(lines).allMatch(line -> line.length() <= 80);
  }

  @Test
  void helpListsOptionsUnderHeadings() {
    run("demo", "--help");
    assertThat(out.toString())
        .containsSubsequence("The VM:", "--vm=KIND", "Network and security:", "--tls=DIR")
        .doesNotContain("Other options");
  }

  @Test
  void versionNamesTheProgramAndJava() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("faultline ").contains("Java 25");
  }

  @Test
  void missingCommandIsWrongUse() {
    assertThat(run()).isEqualTo(2);
    assertOneLine("faultline: a command is missing (see: faultline --help)");
  }

  @Test
  void unknownCommandIsWrongUseWithASuggestion() {
    assertThat(run("doctr")).isEqualTo(2);
    assertOneLine("faultline: unknown command 'doctr', did you mean doctor?");
  }

  @Test
  void unknownOptionIsWrongUseWithASuggestion() {
    assertThat(run("doctor", "--jsn")).isEqualTo(2);
    assertOneLine("faultline: unknown option '--jsn', did you mean --json?");
  }

  @Test
  void wrongValueNamesTheOptionAndTheExpectedForm() {
    assertThat(run("probe", "--ram", "64q")).isEqualTo(2);
    assertOneLine("--ram");
    assertOneLine("'64q' is not a size");
    assertOneLine("(see: faultline probe --help)");
  }

  @Test
  void failurePrintsOneLineAndExitsWith1() {
    probe.failure = new SystemCallException("mmap(length=1)", Errno.ENOMEM, "first\nsecond");

    assertThat(run("probe")).isEqualTo(1);
    assertOneLine("faultline: mmap(length=1) failed: ENOMEM: first; second");
  }

  @Test
  void usageExceptionExitsWith2() {
    probe.failure = new UsageException("--place continue needs shared memory");

    assertThat(run("probe")).isEqualTo(2);
    assertOneLine("faultline: --place continue needs shared memory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dest --listen=no-such-host.invalid:1",
        "dest --listen=127.0.0.1:0 --metrics=no-such-host.invalid:1",
        "source --ram=16m --engine=simulated --to=no-such-host.invalid:1",
        "source --ram=16m --engine=simulated --to=127.0.0.1:1 --metrics=no-such-host.invalid:1"
      })
  void unknownHostIsWrongUseOfTheOptionThatNamesIt(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertOneLine("unknown host 'no-such-host.invalid'; give a name");
    assertThat(err.toString()).containsPattern("--(listen|metrics|to): unknown host");
  }

  @Test
  void errorIsUnwrapped() {
    Exception bind = new BindException("Address already in use");

    assertThat(Errors.describe(new ExecutionException(bind))).isEqualTo("Address already in use");
    assertThat(Errors.describe(new UncheckedIOException(new NoSuchFileException("/a"))))
        .isEqualTo("no such file: /a");
  }

  @Test
  void bugIsReportedAsInternalError() {
    assertThat(Errors.describe(new NullPointerException("x is null")))
        .isEqualTo("internal error: java.lang.NullPointerException: x is null");
  }

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    line.addSubcommand("probe", probe);
    Main.configure(line);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private void assertOneLine(String text) {
    assertThat(err.toString()).contains(text);
    assertThat(err.toString().lines()).hasSize(1);
  }

  /** A command that fails as the test wants. */
  @Command(name = "probe")
  private static final class Probe implements Callable<Integer> {
    @Nullable Exception failure;

    @Option(names = "--ram")
    @Nullable ByteSize ram;

    @Override
    public Integer call() throws Exception {
      if (failure != null) {
        throw failure;
      }
      return ram == null ? 0 : 1;
    }
  }
}
