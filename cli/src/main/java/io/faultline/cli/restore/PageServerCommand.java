package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.CriuOptions;
import io.faultline.cli.criu.CriuPreprocessor;
import io.faultline.cli.criu.Directories;
import io.faultline.cli.criu.Readiness;
import io.faultline.cli.criu.ServerOptions;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.UsageException;
import io.faultline.restore.frozen.DumpTls;
import io.faultline.restore.pageserver.CriuTls;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline page-server}: receives pages, serves images, or serves frozen processes. */
@Command(
    name = "page-server",
    preprocessor = CriuPreprocessor.class,
    exitCodeOnInvalidInput = ExitCode.SOFTWARE,
    description = {
      "Receive the pages of a dump, or serve pages to lazy-pages.",
      "Takes the place of \"criu page-server\": all options of CRIU are accepted, and those that"
          + " do",
      "not concern it are ignored. With --source it serves the memory of frozen processes, over",
      "Faultline's wire."
    },
    footer = {"", "Exit codes: 0 done, 1 failed or wrong use."})
public final class PageServerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private CriuOptions criu = new CriuOptions();

  @InGroup(OptionGroup.PROCESSES)
  @Option(
      names = "--lazy-pages",
      description =
          "Serve the images to any number of lazy-pages at once (default: receive the pages of a"
              + " dump).")
  private boolean servesImages;

  @InGroup(OptionGroup.PROCESSES)
  @Option(
      names = "--prev-images-dir",
      paramLabel = "DIR",
      description = "Images of the dump before, relative to --images-dir; for receiving.")
  private @Nullable String previousImages;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private SourceOptions source = new SourceOptions();

  @Mixin private WireOptions wire = new WireOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return criu.run(this::run, spec.commandLine().getErr());
  }

  private int run(Directories directories, Readiness readiness, CriuLog log) throws IOException {
    boolean done =
        source.servesProcesses()
            ? source(directories).run(readiness, log)
            : server(directories).run(readiness, log);
    return done ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private PageServerRun server(Directories directories) throws IOException {
    source.requireNone();
    wire.requireNone("--source");
    return new PageServerRun(
        directories, servesImages, previousImages, server, spec.commandLine().getOut());
  }

  private PageSourceRun source(Directories directories) throws IOException {
    if (servesImages || previousImages != null) {
      throw new UsageException(
          "--source serves processes: leave --lazy-pages and --prev-images-dir out");
    }
    if (server.socket() >= 0) {
      throw new UsageException(
          "--source connects to the dump by itself: leave --ps-socket out, and give --address and"
              + " --port");
    }
    if (server.port(0) == 0) {
      throw SourceOptions.missing();
    }
    CriuTls tls = server.tls(directories);
    DumpTls dump = tls == null ? null : new DumpTls(tls, directories.images());
    return new PageSourceRun(source, server, dump, wire, spec.commandLine().getOut());
  }
}
