package io.faultline.cli.firecracker;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.restore.firecracker.HandlerEvents;
import io.faultline.restore.firecracker.VmReport;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.databind.node.ObjectNode;

/** Prints what happens to VMs, and counts it. Thread-safe. */
final class UffdHandlerLog implements HandlerEvents {
  private final CommandOutput output;
  private final LongAdder vms = new LongAdder();
  private final LongAdder takenOver = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder killed = new LongAdder();
  private final LongAdder left = new LongAdder();
  private final LongAdder faults = new LongAdder();
  private final LongAdder retries = new LongAdder();

  UffdHandlerLog(CommandOutput output) {
    this.output = output;
  }

  @Override
  public void started(int pid, int regions, long bytes, boolean isTakenOver) {
    vms.increment();
    if (isTakenOver) {
      takenOver.increment();
    }
    output.remark(
        vm(pid)
            + (isTakenOver ? "taken over from an earlier handler, " : "")
            + regions
            + (regions == 1 ? " region of " : " regions of ")
            + new ByteSize(bytes));
  }

  @Override
  public void noted(int pid, String what) {
    output.message(vm(pid) + what);
  }

  @Override
  public void refused(String client, String why) {
    refused.increment();
    output.message(client + " is refused: " + why);
  }

  @Override
  public void completed(VmReport vm) {
    output.remark(
        vm(vm.pid()) + "all its memory is there, it needs no handler any more; " + figures(vm));
  }

  @Override
  public void exited(VmReport vm) {
    faults.add(vm.faults());
    retries.add(vm.retries());
    output.remark(vm(vm.pid()) + "has exited; " + figures(vm));
  }

  @Override
  public void killed(int pid, String why) {
    killed.increment();
    output.message(vm(pid) + "killed: " + why);
  }

  @Override
  public void left(int pid) {
    left.increment();
    output.message(vm(pid) + "waits for its memory: start uffd-handler again with the same --hold");
  }

  /** Adds what was counted; faults and retries are those of VMs that have exited. */
  ObjectNode put(ObjectNode json) {
    return json.put("vms", vms.sum())
        .put("taken_over", takenOver.sum())
        .put("refused", refused.sum())
        .put("killed", killed.sum())
        .put("left", left.sum())
        .put("faults", faults.sum())
        .put("retries", retries.sum());
  }

  private static String vm(int pid) {
    return "VM " + pid + ": ";
  }

  private static String figures(VmReport vm) {
    return vm.faults()
        + " faults, "
        + vm.filePages()
        + " pages from the file, "
        + vm.zeroPages()
        + " of zeros, "
        + vm.backgroundPages()
        + " in the background, "
        + vm.removes()
        + " ranges given back, "
        + vm.retries()
        + " retries";
  }
}
