package io.faultline.tests.process;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.PageRuns;
import io.faultline.snapshot.file.SnapshotRegion;
import io.faultline.snapshot.file.SnapshotVm;
import io.faultline.snapshot.file.SnapshotWriter;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** Saves a VM while it is paused, in the simplest way: page after page. */
final class SavedVmFile {
  private SavedVmFile() {}

  /**
   * Runs a VM for a moment, pauses it and writes it to a file.
   *
   * @return how many pages the file has: all others are zeros
   */
  static long write(Path file, VmKind kind, SimulatedVmConfig config) throws Exception {
    LinuxKernel kernel = new LinuxKernel();
    try (HostedVm vm = VmFactory.create(kind, kernel, config, line -> {})) {
      vm.start();
      Thread.sleep(50); // any instant will do
      OutgoingVm saved = vm.outgoing(true);
      saved.pause();
      return write(file, saved);
    }
  }

  private static long write(Path file, OutgoingVm vm) throws IOException {
    List<MemoryRegion> regions = vm.regions();
    int page = Math.toIntExact(regions.getFirst().basePageBytes());
    long written = 0;
    try (SnapshotWriter writer = SnapshotWriter.create(file, page)) {
      writer.begin(
          new SnapshotVm(
              vm.type(),
              vm.configuration().toByteArray(),
              regions.stream().map(SavedVmFile::describe).toList(),
              vm.deviceState().toByteArray()));
      for (int i = 0; i < regions.size(); i++) {
        written += write(writer, i, regions.get(i), page);
      }
      writer.finish();
    }
    return written;
  }

  private static long write(SnapshotWriter writer, int index, MemoryRegion region, int page)
      throws IOException {
    long written = 0;
    for (long at = 0; at < region.basePageCount(); at++) {
      boolean zero = region.isZero(at * page, page);
      MemorySegment data = region.guest().data().asSlice(at * page, page);
      writer.place(index, at, 1, zero ? PageRuns.ZERO : writer.append(data));
      written += zero ? 0 : 1;
    }
    return written;
  }

  private static SnapshotRegion describe(MemoryRegion region) {
    return new SnapshotRegion(
        region.id(),
        region.name(),
        region.sizeBytes(),
        region.pageBytes(),
        region.backing().toString());
  }
}
