package io.faultline.source.journal;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import io.faultline.source.journal.state.JournalRecord;
import io.faultline.source.journal.state.RegionFile;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a VM that an earlier source process has handed over. It can only be sent: the VM
 * itself no longer exists at the source. Close it after the migration. The files remain.
 */
public final class RetainedMemory implements OutgoingVm, AutoCloseable {
  private final JournalRecord record;
  private final List<MemoryRegion> regions;

  private RetainedMemory(JournalRecord record, List<MemoryRegion> regions) {
    this.record = record;
    this.regions = regions;
  }

  /**
   * Maps the files.
   *
   * @throws IOException if one is missing, or is not the one that was recorded
   * @throws io.faultline.uffd.SystemCallException if one cannot be mapped
   */
  static RetainedMemory map(Kernel kernel, JournalRecord record) throws IOException {
    for (RegionFile file : record.getRegionsList()) {
      RegionFiles.require(file);
    }
    List<MemoryRegion> regions = new ArrayList<>();
    try {
      for (RegionFile file : record.getRegionsList()) {
        regions.add(
            MemoryRegion.map(
                kernel,
                regions.size(),
                file.getName(),
                RegionFiles.backing(file),
                file.getSizeBytes()));
      }
      return new RetainedMemory(record, List.copyOf(regions));
    } catch (RuntimeException e) {
      regions.forEach(MemoryRegion::close);
      throw e;
    }
  }

  @Override
  public String type() {
    return record.getVmType();
  }

  @Override
  public ByteString configuration() {
    return record.getVmConfiguration();
  }

  @Override
  public List<MemoryRegion> regions() {
    return regions;
  }

  /** Bytes of all regions. */
  public long sizeBytes() {
    return regions.stream().mapToLong(MemoryRegion::sizeBytes).sum();
  }

  @Override
  public DirtyLog dirtyLog() {
    throw handedOver();
  }

  @Override
  public void pause() {
    throw handedOver();
  }

  @Override
  public void resume() {
    throw handedOver();
  }

  @Override
  public ByteString deviceState() {
    throw handedOver();
  }

  private static IllegalStateException handedOver() {
    return new IllegalStateException("the VM was handed over and no longer runs here");
  }

  @Override
  public void close() {
    regions.forEach(MemoryRegion::close);
  }
}
