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
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one migration, from which another process can resume it if this one dies. Each
 * step is in the file before it is taken. The file is removed when there is nothing left to resume.
 * While the journal is open, no other process can open it.
 *
 * <p>Not thread-safe.
 */
public final class Journal implements OwnershipLog, AutoCloseable {
  /** Attempts that a process may make: enough for a month and a half, at one every 3.75 s. */
  private static final int ATTEMPTS = 1 << 20;

  private static final int MAX_PROCESSES = Integer.MAX_VALUE / ATTEMPTS;

  private final Path file;
  private final JournalLock lock;
  private JournalRecord record;

  /** Of the file as it is, for {@link #committed}; null if it is to be replaced then. */
  private @Nullable CommitMark mark;

  Journal(Path file, JournalLock lock, JournalRecord record) {
    this.file = file;
    this.lock = lock;
    this.record = record;
  }

  /** The first record of a new migration, whose VM runs at the source. */
  static JournalRecord newRecord(
      ByteString id, OutgoingVm vm, SourceSettings settings, ReconnectSettings reconnectSettings)
      throws IOException {
    JournalRecord.Builder record =
        JournalRecord.newBuilder()
            .setMigrationId(id)
            .setStanding(JournalStage.RUNS_HERE.value())
            .setBootId(BootId.current())
            .setProcesses(1)
            .setVmType(vm.type())
            .setVmConfiguration(vm.configuration())
            .setSurvivor(vm.survivor())
            .setHow(SettingsCodec.encode(settings))
            .setProcessId(ProcessHandle.current().pid());
    for (InetSocketAddress each : reconnectSettings.destinations(settings)) {
      record.addDestinations(destination(each));
    }
    for (MemoryRegion region : vm.regions()) {
      record.addRegions(RegionFiles.of(region));
    }
    return record.build();
  }

  /** The id of the migration, 32 hexadecimal digits. */
  public String id() {
    return digits(record.getMigrationId());
  }

  /** The hexadecimal digits of an id. */
  static String digits(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  /** How far the migration got. */
  public JournalStage stage() {
    return JournalStage.of(record.getStanding());
  }

  /** The journal's file. */
  public Path file() {
    return file;
  }

  /** The process that wrote the journal last. */
  public long processId() {
    return record.getProcessId();
  }

  /** The files that hold the VM's memory. */
  public List<Path> memoryFiles() {
    return record.getRegionsList().stream().map(each -> Path.of(each.getPath())).toList();
  }

  /** The addresses of the destination, resolved again; at least one. */
  public List<InetSocketAddress> destinations() {
    return record.getDestinationsList().stream()
        .map(each -> new InetSocketAddress(each.getHost(), each.getPort()))
        .toList();
  }

  /**
   * The settings that a later process continues with. The security settings are up to the caller.
   */
  public SourceSettings settings(InetSocketAddress destination) {
    return SettingsCodec.decode(record.getHow(), destination);
  }

  /** See {@link OutgoingVm#type}. */
  public String vmType() {
    return record.getVmType();
  }

  /** See {@link OutgoingVm#configuration}. */
  public ByteString vmConfiguration() {
    return record.getVmConfiguration();
  }

  /** See {@link OutgoingVm#survivor}; empty if the VM ended with its process. */
  public ByteString survivor() {
    return record.getSurvivor();
  }

  /** The state of vCPUs and devices at the pause; empty if the VM was not paused. */
  public ByteString deviceState() {
    return record.getDeviceState();
  }

  /** The identity of the migration in this process. A later process calls {@link #resume} first. */
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
   * Makes this process the one that continues the migration: its attempts get higher numbers than
   * those of all earlier processes.
   *
   * @throws IOException if that cannot be recorded, or there were too many processes
   */
  public void resume() throws IOException {
    if (record.getProcesses() >= MAX_PROCESSES) {
      throw new IOException(
          file
              + ": "
              + record.getProcesses()
              + " processes have worked on it, which is the maximum");
    }
    write(
        record.toBuilder()
            .setProcesses(record.getProcesses() + 1)
            .setProcessId(ProcessHandle.current().pid()));
  }

  /**
   * Checks the memory files.
   *
   * @throws IOException if one is missing, or is not the one that was recorded
   */
  public void requireMemory() throws IOException {
    for (RegionFile each : record.getRegionsList()) {
      RegionFiles.require(each);
    }
  }

  /** Maps the VM's memory, which an earlier process left in its files. */
  public RetainedMemory map(Kernel kernel) throws IOException {
    return RetainedMemory.map(kernel, record);
  }

  @Override
  public void connected(SharedKey key) throws IOException {
    write(record.toBuilder().setSessionKey(key.wireBytes()));
  }

  @Override
  public void destinationAdded(InetSocketAddress address) throws IOException {
    Destination added = destination(address);
    JournalRecord.Builder next = record.toBuilder().clearDestinations().addDestinations(added);
    record.getDestinationsList().stream()
        .filter(each -> !each.equals(added))
        .forEach(next::addDestinations);
    write(next);
  }

  private static Destination destination(InetSocketAddress address) {
    return Destination.newBuilder()
        .setHost(address.getHostString())
        .setPort(address.getPort())
        .build();
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    write(record.toBuilder().setStanding(JournalStage.PAUSED.value()).setDeviceState(deviceState));
    try {
      // While the destination loads the state. To unmap it at a certain time would stop all
      // threads.
      mark = CommitMark.open(file, Arena.ofAuto());
    } catch (IOException e) {
      // committed() replaces the file instead
    }
  }

  @Override
  public void committed() throws IOException {
    JournalRecord.Builder next = record.toBuilder().setStanding(JournalStage.COMMITTED.value());
    CommitMark open = mark;
    if (open == null) {
      write(next);
    } else {
      mark = null;
      open.commit();
      record = next.build();
    }
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

  /** Releases the journal, so that another process can open it. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private void write(JournalRecord.Builder next) throws IOException {
    JournalRecord built = next.build();
    mark = null; // of the file that this replaces
    JournalFile.write(file, built);
    record = built;
  }
}
