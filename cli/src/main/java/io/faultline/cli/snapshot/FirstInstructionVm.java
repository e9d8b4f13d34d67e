package io.faultline.cli.snapshot;

import io.faultline.cli.dest.ForwardingVm;
import io.faultline.dest.IncomingVm;
import java.util.OptionalLong;

/** Notes when the VM began to run. The time may be read by any thread. */
final class FirstInstructionVm extends ForwardingVm {
  private volatile OptionalLong ran = OptionalLong.empty();

  FirstInstructionVm(IncomingVm vm) {
    super(vm);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    super.start(
        nanos -> {
          ran = OptionalLong.of(nanos);
          onFirstInstruction.ran(nanos);
        });
  }

  /** By {@link System#nanoTime}, just before the first instruction; empty if there was none. */
  OptionalLong ranNanos() {
    return ran;
  }
}
