package io.faultline.qemu.vm;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The kernel as QEMU's process sees it: userfaultfds and page tables are those of that process, so
 * that guest mappings are its own; files and other mappings are those of this one. Thread-safe,
 * except for {@link #openUserfaultfd}, which is for the thread of the monitor.
 */
final class QemuKernel implements Kernel {
  private final LinuxKernel machine;
  private final int pid;
  private final Function<OpenOptions, Userfaultfd> userfaultfds;

  /**
   * @param userfaultfds opens one in QEMU's process
   */
  QemuKernel(LinuxKernel machine, int pid, Function<OpenOptions, Userfaultfd> userfaultfds) {
    this.machine = machine;
    this.pid = pid;
    this.userfaultfds = userfaultfds;
  }

  @Override
  public String name() {
    return machine.name();
  }

  @Override
  public long pageSizeBytes(PageSize pageSize) {
    return machine.pageSizeBytes(pageSize);
  }

  @Override
  public Set<Feature> supportedFeatures() {
    return machine.supportedFeatures();
  }

  /** Opens it in QEMU's process. */
  @Override
  public Userfaultfd openUserfaultfd(OpenOptions options) {
    return userfaultfds.apply(options);
  }

  @Override
  public MemoryFile createFile(String name, long sizeBytes, PageSize pageSize) {
    return machine.createFile(name, sizeBytes, pageSize);
  }

  @Override
  public MemoryFile openFile(Path path, long sizeBytes) {
    return machine.openFile(path, sizeBytes);
  }

  @Override
  public MemoryFile openExistingFile(Path path, long sizeBytes) {
    return machine.openExistingFile(path, sizeBytes);
  }

  @Override
  public long map(MapRequest request) {
    return machine.map(request);
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    machine.unmap(address, lengthBytes);
  }

  /** Nothing can be mapped there. If the VM was started, QEMU was killed; if not, it never runs. */
  @Override
  public void replaceByZeros(long address, long lengthBytes) {}

  @Override
  public long remap(long address, long lengthBytes) {
    return machine.remap(address, lengthBytes);
  }

  @Override
  public void advise(long address, long lengthBytes, Advice advice) {
    machine.advise(address, lengthBytes, advice);
  }

  @Override
  public void adviseAll(long[] addresses, long[] lengthsBytes, int count, Advice advice) {
    machine.adviseAll(addresses, lengthsBytes, count, advice);
  }

  @Override
  public long dataAddress(long address) {
    return machine.dataAddress(address);
  }

  @Override
  public long guestLoad(long address) {
    return machine.guestLoad(address);
  }

  @Override
  public void guestStore(long address, long value) {
    machine.guestStore(address, value);
  }

  /** Opens the page table of QEMU's process. */
  @Override
  public Pagemap openPagemap() {
    return machine.openPagemap(pid);
  }

  @Override
  public Pagemap openTransferPagemap() {
    return machine.openPagemap();
  }

  @Override
  public Optional<HugePagePool> hugePagePool(PageSize pageSize) {
    return machine.hugePagePool(pageSize);
  }

  @Override
  public long availableMemoryBytes() {
    return machine.availableMemoryBytes();
  }
}
