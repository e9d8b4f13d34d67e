package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import io.faultline.source.PageRange;
import java.util.List;

/**
 * A KVM VM as an outgoing migration sees it. Does not own the VM.
 *
 * @param ownDirtyLog whether KVM's own dirty log is used, instead of write protection
 */
public record KvmSource(KvmVm vm, boolean ownDirtyLog) implements OutgoingVm {
  /** The VM type on the wire. */
  public static final String TYPE = "kvm";

  /** With KVM's own dirty log. */
  public KvmSource(KvmVm vm) {
    this(vm, true);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public ByteString configuration() {
    return vm.configuration();
  }

  @Override
  public List<MemoryRegion> regions() {
    return vm.regions();
  }

  @Override
  public List<PageRange> neededFirst() {
    long pageBytes = vm.regions().get(GuestLayout.LOW_ID).basePageBytes();
    return GuestLayout.neededFirst(vm.config(), pageBytes);
  }

  @Override
  public DirtyLog dirtyLog() {
    return ownDirtyLog ? new KvmDirtyLog(vm) : vm.writeProtectLog();
  }

  @Override
  public void pause() {
    vm.pause();
  }

  @Override
  public void resume() {
    vm.resume();
  }

  @Override
  public ByteString deviceState() {
    return vm.state();
  }
}
