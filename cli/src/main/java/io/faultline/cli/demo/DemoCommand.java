package io.faultline.cli.demo;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.engine.EngineOption;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.PagingOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.vm.VmKind;
import io.faultline.snapshot.file.DataEncoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline demo}: source and destination in two JVMs on this machine, verified. */
@Command(
    name = "demo",
    description = {
      "Migrate a running VM between two local JVMs, and verify it.",
      "Verified: memory and vCPU state equal those of a run that never migrated."
    },
    footer = {
      "",
      "Exit codes: 0 migrated and verified, 1 failed, 2 wrong use, 3 result elsewhere."
    })
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private VmOptions vm = new VmOptions();
  @Mixin private QemuOptions qemu = new QemuOptions();
  @Mixin private MigrationOptions migration = new MigrationOptions();
  @Mixin private PagingOptions paging = new PagingOptions();
  @Mixin private SnapshotOptions snapshot = new SnapshotOptions();
  @Mixin private DemoOptions pair = new DemoOptions();
  @Mixin private EngineOption engine = new EngineOption();
  @Mixin private OutputOptions output = new OutputOptions();

  @InGroup(OptionGroup.EXPERIMENTS)
  @Option(
      names = "--chaos",
      paramLabel = "PLAN",
      description =
          "Break the network or kill a node during postcopy, such as"
              + " cut=5,blackhole=2,kill-source=1,kill-dest=1,seed=7.")
  private @Nullable ChaosPlan chaos;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (CommandOutput console = new CommandOutput(spec.commandLine(), output.isQuiet())) {
      GivenOptions given = GivenOptions.of(spec);
      if (paging.isChosen() && snapshot.file() == null && !given.contains("--mode")) {
        PagingOptions.checkWithoutMigration(given);
        return new PagingDemoRun(vm, paging, engine.choice(), console).run(output);
      }
      Path file = snapshot.file();
      if (file != null) {
        SnapshotOptions.check(given);
        DataEncoding encoding = SnapshotOptions.encoding(given, migration.compression());
        return new SnapshotDemoRun(vm, file, encoding, engine.choice(), console).run(output);
      }
      paging.checkMigration(given, vm);
      if (vm.kind() == VmKind.QEMU) {
        return new QemuDemoRun(vm, qemu, migration, pair, chaos, engine.choice(), console)
            .run(output, given);
      }
      QemuOptions.refuseWithout(given);
      return new DemoRun(vm, paging, migration, pair, chaos, engine.choice(), console).run(output);
    }
  }
}
