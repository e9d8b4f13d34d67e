package io.faultline.source.journal;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.security.SharedKey;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.OutgoingVm;
import io.faultline.source.OwnershipLog;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.state.Destination;
import io.faultline.source.journal.state.JournalRecord;
import io.faultline.source.journal.state.RegionFile;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What is kept of one migration, so that another process can take it up when this one dies. It
 * stands in its file before the step is taken that it tells of; it is removed when there is nothing
 * more to take up. While it is open no other process can have it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Journal implements OwnershipLog, AutoCloseable {
  /** Connections that a process may make: at one each 3.75 s, a month and a half. */
  private static final int ATTEMPTS = 1 << 20;

  private static final int MOST_PROCESSES = Integer.MAX_VALUE / ATTEMPTS;

  private final Path file;
  private final JournalLock lock;
  private JournalRecord record;

  Journal(Path file, JournalLock lock, JournalRecord record) {
    this.file = file;
    this.lock = lock;
    this.record = record;
  }

  /** The record of a new migration, whose VM runs here. */
  static JournalRecord first(
      ByteString id, OutgoingVm vm, SourceSettings settings, ReconnectSettings reconnectSettings)
      throws IOException {
    JournalRecord.Builder record =
        JournalRecord.newBuilder()
            .setMigrationId(id)
            .setStanding(JournalStage.RUNS_HERE.value())
            .setProcesses(1)
            .setVmType(vm.type())
            .setVmConfiguration(vm.configuration())
            .setHow(SettingsCodec.encode(settings))
            .setProcessId(ProcessHandle.current().pid());
    List<InetSocketAddress> all = new ArrayList<>(List.of(settings.destination()));
    all.addAll(reconnectSettings.otherDestinations());
    for (InetSocketAddress each : all) {
      record.addDestinations(
          Destination.newBuilder().setHost(each.getHostString()).setPort(each.getPort()));
    }
    for (MemoryRegion region : vm.regions()) {
      record.addRegions(RegionFiles.of(region));
    }
    return record.build();
  }

  /** The migration's id, 32 digits. */
  public String id() {
    return HexFormat.of().formatHex(record.getMigrationId().toByteArray());
  }

  /** How far the migration had come. */
  public JournalStage stage() {
    return JournalStage.of(record.getStanding());
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** The process that wrote it last. */
  public long processId() {
    return record.getProcessId();
  }

  /** The files that hold the VM's memory. */
  public List<Path> memoryFiles() {
    return record.getRegionsList().stream().map(each -> Path.of(each.getPath())).toList();
  }

  /** Where the destination was told to be, resolved anew; at least one. */
  public List<InetSocketAddress> destinations() {
    return record.getDestinationsList().stream()
        .map(each -> new InetSocketAddress(each.getHost(), each.getPort()))
        .toList();
  }

  /** How it was migrated, and goes on; who may be the peer is for the caller to say. */
  public SourceSettings settings(InetSocketAddress destination) {
    return SettingsCodec.decode(record.getHow(), destination);
  }

  /** As {@code OutgoingVm.type()} said. */
  public String vmType() {
    return record.getVmType();
  }

  /** As {@code OutgoingVm.configuration()} said. */
  public ByteString vmConfiguration() {
    return record.getVmConfiguration();
  }

  /** The state of vCPUs and devices when the VM was paused; empty where it was not. */
  public ByteString deviceState() {
    return record.getDeviceState();
  }

  /** The migration as this process takes part in it; see {@link #takeUp} for one that goes on. */
  public MigrationIdentity migrationIdentity() {
    int before = Math.toIntExact((record.getProcesses() - 1L) * ATTEMPTS);
    return new MigrationIdentity(
        record.getMigrationId(),
        before,
        stage() == JournalStage.COMMITTED,
        record.getSessionKey().isEmpty() ? null : SharedKey.ofWire(record.getSessionKey()),
        this);
  }

  /**
   * This process goes on with the migration: from here on its connections have higher numbers than
   * any of the processes before.
   *
   * @throws IOException where that cannot be kept, or there were too many
   */
  public void takeUp() throws IOException {
    if (record.getProcesses() >= MOST_PROCESSES) {
      throw new IOException(
          file + ": " + record.getProcesses() + " processes have worked on it, and no more can");
    }
    write(
        record.toBuilder()
            .setProcesses(record.getProcesses() + 1)
            .setProcessId(ProcessHandle.current().pid()));
  }

  /** Refuses memory files that are not there any more, or are others. */
  public void requireMemory() throws IOException {
    for (RegionFile each : record.getRegionsList()) {
      RegionFiles.require(each);
    }
  }

  /** Maps what an earlier process left of the VM's memory. */
  public RetainedMemory map(Kernel kernel) throws IOException {
    return RetainedMemory.map(kernel, record);
  }

  @Override
  public void connected(SharedKey key) throws IOException {
    write(record.toBuilder().setSessionKey(key.wireBytes()));
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    write(record.toBuilder().setStanding(JournalStage.PAUSED.value()).setDeviceState(deviceState));
  }

  @Override
  public void committed() throws IOException {
    write(record.toBuilder().setStanding(JournalStage.COMMITTED.value()));
  }

  @Override
  public void released() throws IOException {
    JournalFile.delete(file);
    lock.delete();
  }

  @Override
  public void completed() throws IOException {
    JournalFile.delete(file);
    lock.delete();
  }

  /** Lets another process have it. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private void write(JournalRecord.Builder next) throws IOException {
    JournalRecord built = next.build();
    JournalFile.write(file, built);
    record = built;
  }
}
