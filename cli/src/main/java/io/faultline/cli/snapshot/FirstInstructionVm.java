package io.faultline.cli.snapshot;

import io.faultline.cli.dest.ForwardingVm;
import io.faultline.dest.IncomingVm;
import java.util.OptionalLong;

/** Notes when the VM began to run. The time may be read by any thread. */
final class FirstInstructionVm extends ForwardingVm {
  private volatile OptionalLong ran = OptionalLong.empty();

  private final Runnable whenStarted;

  /**
   * @param whenStarted runs after the vCPUs were started; must be fast
   */
  FirstInstructionVm(IncomingVm vm, Runnable whenStarted) {
    super(vm);
    this.whenStarted = whenStarted;
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    super.start(
        nanos -> {
          ran = OptionalLong.of(nanos);
          onFirstInstruction.ran(nanos);
        });
    whenStarted.run();
  }

  /** By {@link System#nanoTime}, just before the first instruction; empty if there was none. */
  OptionalLong ranNanos() {
    return ran;
  }
}
