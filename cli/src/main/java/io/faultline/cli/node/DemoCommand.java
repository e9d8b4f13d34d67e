package io.faultline.cli.node;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.engine.EngineChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline demo}: both ends on this machine, in two JVMs, one migration, verified. */
@Command(
    name = "demo",
    description = {"Migrates a running VM between two JVMs on this machine, and verifies it."},
    footer = {"", "Exit codes: 0 migrated and verified, 1 failed, 2 wrong use."})
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private VmOptions vm = new VmOptions();

  @Mixin private MigrationOptions migration = new MigrationOptions();

  @Mixin private DemoOptions pair = new DemoOptions();

  @Option(
      names = "--chaos",
      paramLabel = "PLAN",
      description =
          "Break the network behind the handover, or kill the source, so often and by a seed:"
              + " cut=5,blackhole=2,kill-source=1,seed=7.")
  private @Nullable ChaosPlan chaos;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "auto",
      description =
          "Whose userfaultfd: kernel, simulated, or auto for the kernel's where it is allowed"
              + " (default: ${DEFAULT-VALUE}).")
  private EngineChoice engine = EngineChoice.AUTO;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there, as JSON.")
  private @Nullable Path json;

  @Option(names = "--quiet", description = "Print nothing but errors.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new DemoRun(vm, migration, pair, chaos, engine, new Console(spec.commandLine()), quiet)
        .run(json);
  }
}
