package io.faultline.cli.simulation.guest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * Checks every page that is placed while the guest runs at the destination: it must not replace a
 * page that the guest has touched, and its content must be that of the source at the pause.
 */
final class CheckedUserfaultfd implements Userfaultfd {
  private final Userfaultfd userfaultfd;
  private final CheckedKernel kernel;
  private final boolean wakes;

  CheckedUserfaultfd(Userfaultfd userfaultfd, CheckedKernel kernel, boolean wakes) {
    this.userfaultfd = userfaultfd;
    this.kernel = kernel;
    this.wakes = wakes;
  }

  @Override
  public long copy(long destination, long source, long lengthBytes, FillMode mode) {
    return placed(destination, userfaultfd.copy(destination, source, lengthBytes, mode));
  }

  @Override
  public long zeroPage(long address, long lengthBytes, FillMode mode) {
    return placed(address, userfaultfd.zeroPage(address, lengthBytes, mode));
  }

  @Override
  public long continueFault(long address, long lengthBytes, FillMode mode) {
    return placed(address, userfaultfd.continueFault(address, lengthBytes, mode));
  }

  private long placed(long address, long result) {
    long bytes = FillResult.bytesDone(result);
    Guest guest = kernel.guest();
    if (bytes > 0 && guest.location() == Guest.Location.DESTINATION) {
      for (MemoryRegion region : kernel.regions()) {
        long offset = address - region.guest().address();
        if (offset >= 0 && offset < region.sizeBytes()) {
          check(guest, region, offset, bytes);
        }
      }
    }
    return result;
  }

  private static void check(Guest guest, MemoryRegion region, long offset, long bytes) {
    RegionModel model = guest.models().get(region.id());
    int page = (int) (offset / region.basePageBytes());
    for (int i = 0; i < bytes / region.basePageBytes(); i++) {
      guest
          .invariants()
          .require(
              !model.isTouched(page + i),
              "page " + (page + i) + " is placed over a page that the guest has touched");
    }
    MemorySegment contents = region.guest().data().asSlice(offset, bytes);
    guest
        .invariants()
        .require(
            model.matchesPause(page, contents),
            "the content placed at page " + page + " differs from the source's at the pause");
  }

  @Override
  public void wake(long address, long lengthBytes) {
    if (wakes) {
      userfaultfd.wake(address, lengthBytes);
    }
  }

  @Override
  public FaultScope scope() {
    return userfaultfd.scope();
  }

  @Override
  public Set<Feature> features() {
    return userfaultfd.features();
  }

  @Override
  public int fd() {
    return userfaultfd.fd();
  }

  @Override
  public void onReadable(Runnable listener) {
    userfaultfd.onReadable(listener);
  }

  @Override
  public Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes) {
    return userfaultfd.register(address, lengthBytes, modes);
  }

  @Override
  public void unregister(long address, long lengthBytes) {
    userfaultfd.unregister(address, lengthBytes);
  }

  @Override
  public int read(EventBuffer buffer) {
    return userfaultfd.read(buffer);
  }

  @Override
  public long move(long destination, long source, long lengthBytes, MoveMode mode) {
    return userfaultfd.move(destination, source, lengthBytes, mode);
  }

  @Override
  public long poison(long address, long lengthBytes, FillMode mode) {
    return userfaultfd.poison(address, lengthBytes, mode);
  }

  @Override
  public long writeProtect(long address, long lengthBytes, ProtectMode mode) {
    return userfaultfd.writeProtect(address, lengthBytes, mode);
  }

  @Override
  public Userfaultfd adoptForked(int forkedDescriptor) {
    return userfaultfd.adoptForked(forkedDescriptor);
  }

  @Override
  public void close() {
    userfaultfd.close();
  }
}
