package io.faultline.cli.pager;

import io.faultline.cli.compression.CompressedMemory;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.status.StateOption;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.paging.PagerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline pager}: memory larger than RAM for other processes. */
@Command(
    name = "pager",
    description = {
      "Page memory of other processes from and to files.",
      "A program connects to the socket, and hands over a userfaultfd and a memfd; see"
          + " docs/pager-process.md."
    },
    footer = {
      "",
      "Exit codes: 0 ended by a signal, with everything written back, 1 failed, 2 wrong use."
    })
public final class PagerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      required = true,
      description = "Unix socket to listen on; it is created.")
  private Path socket = Path.of("");

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--store",
      paramLabel = "FILE",
      description = "File for clients that name no store, or this one (default: none).")
  private @Nullable Path store;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--store-root",
      paramLabel = "DIR",
      description = "Directory below which clients may name files (default: none).")
  private @Nullable Path root;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--store-memory",
      paramLabel = "SIZE[,CODEC]",
      description =
          "Store in memory of this process, which is gone with it: SIZE bytes of pages, compressed"
              + " with lz4 (the usual one) or zstd. Clients name it \"memory\"; it is also for"
              + " those that name no store, without --store (default: none).")
  private @Nullable String memory;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--store-memory-limit",
      paramLabel = "SIZE",
      description =
          "Memory for the compressed pages of --store-memory, a hard limit (default: enough for"
              + " pages that cannot be compressed).")
  private @Nullable ByteSize memoryLimit;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      defaultValue = "512m",
      description =
          "Memory for the pages of all clients together, a hard limit (default: ${DEFAULT-VALUE}).")
  private ByteSize buffer = new ByteSize(512 << 20);

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--handlers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads that serve the faults of each client, 1 to 64: the queue depth of its stores for"
              + " random accesses (default: ${DEFAULT-VALUE}).")
  private int handlers;

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "How many connections are served at once; more are refused. Each has --handlers threads"
              + " and one more (default: ${DEFAULT-VALUE}).")
  private int clients;

  @InGroup(OptionGroup.RECOVERY)
  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "10s",
      description =
          "How long clients may stay after a signal; then what they stored is written back, and"
              + " their accesses fail (default: ${DEFAULT-VALUE}).")
  private Duration grace = Duration.ofSeconds(10);

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serve Prometheus metrics at http://HOST:PORT/metrics (default: none).")
  private @Nullable HostPort metrics;

  @Mixin private StateOption state = new StateOption();

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write what it has done to FILE at its end, as one JSON object (default: none).")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--quiet",
      description = "Print errors only: no message when a client comes or leaves.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (store == null && root == null && memory == null) {
      throw new UsageException("clients need stores: give --store, --store-root or --store-memory");
    }
    try (CommandOutput output = new CommandOutput(spec.commandLine(), quiet)) {
      PagerSettings settings =
          new PagerSettings(
              socket,
              store,
              root,
              memory(),
              options(),
              clients(),
              grace,
              metrics,
              state.directory());
      new PagerRun(settings, output).run(PagerResult.open(json));
    }
    return ExitCode.OK;
  }

  private @Nullable CompressedMemory memory() {
    if (memory == null) {
      if (memoryLimit != null) {
        throw new UsageException("--store-memory-limit needs --store-memory; add it");
      }
      return null;
    }
    try {
      return CompressedMemory.parse(memory, memoryLimit);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--store-memory: " + e.getMessage());
    }
  }

  private int clients() {
    if (clients < 1) {
      throw new UsageException("--clients " + clients + ": must be at least 1");
    }
    return clients;
  }

  private PagerOptions options() {
    try {
      return PagerOptions.of(buffer.bytes()).withHandlers(handlers);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--handlers: " + e.getMessage());
    }
  }
}
