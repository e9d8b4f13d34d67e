package io.faultline.cli.dest;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.PopulateOption;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.status.StateDirectory;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.DestinationSettings;
import io.faultline.memory.Backing;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code faultline dest}: receives one VM and verifies it. */
@Command(
    name = "dest",
    description = {
      "Wait for a VM, run it while its memory arrives, and verify it.",
      "Prints \"listening on HOST:PORT\" when a source may connect, and ends after one VM.",
      "With --vm qemu the VM continues in its QEMU, which \"-- qemu-system-x86_64 ARGUMENT...\""
          + " starts."
    },
    footer = {
      "",
      "Exit codes: 0 migrated and verified, 1 failed, 2 wrong use, 3 result elsewhere."
    })
@InGroup(OptionGroup.VM)
public final class DestCommand implements Callable<Integer> {
  private static final Set<String> NOT_WITH_TAKE_OVER =
      Set.of("--vm", "--qmp", "--run-on", "--backing", "--overcommit", "--populate");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--vm",
      paramLabel = "KIND",
      description =
          "The only kind of VM to accept: simulated, kvm or qemu (default: simulated and kvm).")
  private @Nullable VmKind kind;

  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description =
          "The monitor of a QEMU that waits for its guest (-incoming defer -S), for --vm qemu;"
              + " instead of it, -- PROGRAM ARGUMENT... at the end starts one.")
  private @Nullable Path qmp;

  @Parameters(
      paramLabel = "-- QEMU ARGUMENT",
      arity = "0..*",
      hidden = true,
      description =
          "For --vm qemu, instead of --qmp: the command line of the QEMU to start, without"
              + " -incoming and -S.")
  private List<String> words = new ArrayList<>();

  @InGroup(OptionGroup.RECOVERY)
  @Option(
      names = "--take-over",
      paramLabel = "ID",
      description =
          "Go on with the migration of a destination that was killed, whose guest is in a QEMU; the"
              + " first digits of its id suffice.")
  private @Nullable String takeOver;

  @Option(
      names = "--run-on",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description =
          "How long a VM without --ops runs after the migration (default: ${DEFAULT-VALUE}).")
  private Duration runOn = Duration.ZERO;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--backing",
      paramLabel = "KIND",
      description = "What guest memory is made of here (default: as at the source).")
  private @Nullable Backing backing;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--overcommit",
      description =
          "Accept a VM even if the limits of this machine, of its cgroups and of this process leave"
              + " too little memory for it.")
  private boolean overcommit;

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:4747",
      description =
          "Address to wait for the source on; port 0 for a free one (default: ${DEFAULT-VALUE}).")
  private HostPort listen = new HostPort("127.0.0.1", 4747);

  @Option(
      names = "--announce-arrival",
      hidden = true,
      description = "With --vm qemu: print a line when all of the memory has arrived.")
  private boolean announceArrival;

  @Mixin private PopulateOption populate = new PopulateOption();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private LostSourceOptions lostSource = new LostSourceOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (takeOver != null) {
      GivenOptions.of(spec).refuse(NOT_WITH_TAKE_OVER, "--take-over goes on with what is there");
    }
    QemuChoice qemu =
        takeOver == null ? QemuChoice.of(spec, kind == VmKind.QEMU, qmp, words) : null;
    PeerTimeouts timeouts = lostSource.timeouts(node.common().timeouts());
    try (CommandOutput output = new CommandOutput(spec.commandLine(), node.isQuiet())) {
      DestinationSettings settings =
          new DestinationSettings(node.common().polling(), timeouts, Security.LOOPBACK_ONLY)
              .withPoison(lostSource.poisons())
              .withPopulate(populate.populate())
              .withAdmission(
                  DestinationAdmission.of(StateDirectory.of(null), overcommit, output::message));
      QemuDestRun qemuRun = new QemuDestRun(node, output, settings, announceArrival);
      if (takeOver != null) {
        HostPort at = GivenOptions.of(spec).contains("--listen") ? listen : null;
        return new QemuTakeOverRun(node, output, qemuRun).run(takeOver, at);
      }
      if (qemu != null) {
        return qemuRun.run(listen, qemu);
      }
      return new DestRun(node, output, runOn, settings).run(listen, kind, backing);
    }
  }
}
