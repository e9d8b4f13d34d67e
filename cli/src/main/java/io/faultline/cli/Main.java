package io.faultline.cli;

import io.faultline.cli.bench.BenchCommand;
import io.faultline.cli.conformance.ConformanceCommand;
import io.faultline.cli.conformance.RacesCommand;
import io.faultline.cli.control.ControlCommand;
import io.faultline.cli.demo.DemoCommand;
import io.faultline.cli.dest.DestCommand;
import io.faultline.cli.doctor.DoctorCommand;
import io.faultline.cli.firecracker.UffdHandlerCommand;
import io.faultline.cli.help.HelpLayout;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.keys.KeysCommand;
import io.faultline.cli.options.OptionValues;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.pager.PagerCommand;
import io.faultline.cli.restore.LazyPagesCommand;
import io.faultline.cli.restore.PageServerCommand;
import io.faultline.cli.simulation.SimulateCommand;
import io.faultline.cli.snapshot.RestoreCommand;
import io.faultline.cli.snapshot.SnapshotCommand;
import io.faultline.cli.source.SourceCommand;
import io.faultline.cli.status.StatusCommand;
import io.faultline.cli.terminal.ErrorStream;
import io.faultline.cli.terminal.Terminal;
import io.faultline.cli.training.TrainCommand;
import io.faultline.cli.training.TrainRestoreCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code faultline} command. Exit codes: 0 done, 1 failed, 2 wrong use, 3 done, but a result
 * file was written elsewhere. A failure prints one line on standard error, {@code faultline: ...};
 * {@code FAULTLINE_DEBUG=1} adds the stack trace.
 */
@Command(
    name = "faultline",
    versionProvider = Main.Version.class,
    description = {
      "Postcopy live migration on Linux userfaultfd: the VM resumes at its destination",
      "milliseconds after its pause at the source, and its memory follows on demand."
    },
    synopsisHeading = "Usage: ",
    customSynopsis = "faultline COMMAND [OPTIONS]",
    footer = {
      "",
      "First run:     faultline demo --ram 256m",
      "More help:     faultline COMMAND --help, or docs/command-line.md",
      "Exit codes:    0 done, 1 failed, 2 wrong use, 3 result elsewhere"
    },
    subcommands = {
      DemoCommand.class,
      SourceCommand.class,
      DestCommand.class,
      KeysCommand.class,
      StatusCommand.class,
      ControlCommand.class,
      DoctorCommand.class,
      ConformanceCommand.class,
      RacesCommand.class,
      SimulateCommand.class,
      LazyPagesCommand.class,
      PageServerCommand.class,
      PagerCommand.class,
      UffdHandlerCommand.class,
      SnapshotCommand.class,
      RestoreCommand.class,
      BenchCommand.class,
      TrainCommand.class,
      TrainRestoreCommand.class,
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // handled by picocli
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  @SuppressWarnings("UnusedVariable") // as above
  private boolean version;

  private Main() {}

  public static void main(String[] args) {
    ErrorStream.install();
    OpenJars.inBackground();
    System.exit(commandLine().execute(args));
  }

  /** The command line as users get it; tests redirect its streams. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    configure(line);
    return line;
  }

  /** Configures a command line and the commands that it has so far. */
  static void configure(CommandLine line) {
    OptionValues.registerAt(line);
    HelpLayout.apply(line);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setColorScheme(
        Help.defaultColorScheme(Terminal.hasColours() ? Help.Ansi.ON : Help.Ansi.OFF));
    line.setParameterExceptionHandler((e, args) -> wrongUse(e));
    line.setExecutionExceptionHandler((e, command, result) -> failed(e, command));
  }

  /** No command was given. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int wrongUse(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String seeHelp = " (see: " + command.getCommandSpec().qualifiedName() + " --help)";
    report(command.getErr(), Errors.describeWrongUse(e) + seeHelp, e);
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int failed(Exception e, CommandLine command) {
    report(command.getErr(), Errors.describe(e), e);
    return e instanceof UsageException
        ? command.getCommandSpec().exitCodeOnInvalidInput()
        : ExitCode.SOFTWARE;
  }

  private static void report(PrintWriter err, String line, Exception e) {
    err.println("faultline: " + line);
    if ("1".equals(System.getenv("FAULTLINE_DEBUG"))) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  /** Reads the version from the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "faultline " + (version == null ? "(not from a jar)" : version),
        "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
      };
    }
  }
}
