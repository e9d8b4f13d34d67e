package io.faultline.cli.node;

import io.faultline.cli.options.HostPort;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.DestinationSettings;
import io.faultline.memory.Backing;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline dest}: takes one VM in, and compares its end with a run that never migrated. */
@Command(
    name = "dest",
    description = {"Waits for a VM, runs it while its memory follows, and verifies the end."},
    footer = {"", "Exit codes: 0 migrated and verified, 1 failed, 2 wrong use."})
public final class DestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Mixin private LostSourceOptions lostSource = new LostSourceOptions();
  @Mixin private PopulateOption populate = new PopulateOption();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:4747",
      description = "Where to wait for the source (default: ${DEFAULT-VALUE}).")
  private HostPort listen = new HostPort("127.0.0.1", 4747);

  @Option(
      names = "--vm",
      paramLabel = "KIND",
      description = "The only kind of VM to take in: simulated, kvm (default: any).")
  private @Nullable VmKind kind;

  @Option(
      names = "--backing",
      paramLabel = "KIND",
      description = "What memory is made of (default: what it is made of at the source).")
  private @Nullable Backing backing;

  @Option(
      names = "--run-on",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description =
          "How long a VM without --ops runs on after the migration (default: ${DEFAULT-VALUE}).")
  private Duration runOn = Duration.ZERO;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PeerTimeouts timeouts = lostSource.over(node.timeouts.timeouts());
    DestinationSettings settings =
        new DestinationSettings(node.poll.polling(), timeouts, Security.LOOPBACK_ONLY)
            .withPoison(lostSource.poisons())
            .withPopulate(populate.which());
    return new DestRun(node, new Console(spec.commandLine()), runOn, settings)
        .run(listen, kind, backing);
  }
}
