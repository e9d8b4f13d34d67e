package io.faultline.cli.simulation.guest;

import io.faultline.memory.MemoryRegion;
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
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The simulated kernel of a destination; its userfaultfd checks every page that is placed. */
public final class CheckedKernel implements Kernel {
  private final SimulatedKernel kernel;
  private final Guest guest;
  private final boolean wakes;
  private List<MemoryRegion> regions = List.of();

  /**
   * @param wakes whether UFFDIO_WAKE works; false plants the bug {@code nobody-is-woken}
   */
  public CheckedKernel(SimulatedKernel kernel, Guest guest, boolean wakes) {
    this.kernel = kernel;
    this.guest = guest;
    this.wakes = wakes;
  }

  public SimulatedKernel simulated() {
    return kernel;
  }

  /** Checks pages placed in these regions from now on. */
  public void watch(List<MemoryRegion> guestRegions) {
    regions = guestRegions;
  }

  List<MemoryRegion> regions() {
    return regions;
  }

  Guest guest() {
    return guest;
  }

  @Override
  public Userfaultfd openUserfaultfd(OpenOptions options) {
    return new CheckedUserfaultfd(kernel.openUserfaultfd(options), this, wakes);
  }

  @Override
  public String name() {
    return kernel.name();
  }

  @Override
  public long pageSizeBytes(PageSize pageSize) {
    return kernel.pageSizeBytes(pageSize);
  }

  @Override
  public Set<Feature> supportedFeatures() {
    return kernel.supportedFeatures();
  }

  @Override
  public MemoryFile createFile(String name, long sizeBytes, PageSize pageSize) {
    return kernel.createFile(name, sizeBytes, pageSize);
  }

  @Override
  public MemoryFile openFile(Path path, long sizeBytes) {
    return kernel.openFile(path, sizeBytes);
  }

  @Override
  public MemoryFile openExistingFile(Path path, long sizeBytes) {
    return kernel.openExistingFile(path, sizeBytes);
  }

  @Override
  public long map(MapRequest request) {
    return kernel.map(request);
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    kernel.unmap(address, lengthBytes);
  }

  @Override
  public void replaceByZeros(long address, long lengthBytes) {
    kernel.replaceByZeros(address, lengthBytes);
  }

  @Override
  public long remap(long address, long lengthBytes) {
    return kernel.remap(address, lengthBytes);
  }

  @Override
  public void advise(long address, long lengthBytes, Advice advice) {
    kernel.advise(address, lengthBytes, advice);
  }

  @Override
  public long dataAddress(long address) {
    return kernel.dataAddress(address);
  }

  @Override
  public long guestLoad(long address) {
    return kernel.guestLoad(address);
  }

  @Override
  public void guestStore(long address, long value) {
    kernel.guestStore(address, value);
  }

  @Override
  public Pagemap openPagemap() {
    return kernel.openPagemap();
  }

  @Override
  public Optional<HugePagePool> hugePagePool(PageSize pageSize) {
    return kernel.hugePagePool(pageSize);
  }

  @Override
  public long availableMemoryBytes() {
    return kernel.availableMemoryBytes();
  }
}
