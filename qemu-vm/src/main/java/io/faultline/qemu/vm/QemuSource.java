package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The guest of a running QEMU, as an outgoing migration sees it. QEMU continues to run when this is
 * closed: its VM if the migration failed before RUN, else without one.
 *
 * <p>Used by one thread at a time, as {@link OutgoingVm} is.
 */
public final class QemuSource implements OutgoingVm, AutoCloseable {
  /** The VM type on the wire. */
  public static final String TYPE = "qemu";

  private static final Duration LEAST_PATIENCE = Duration.ofMillis(700);
  private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

  private final QemuGuest guest;
  private final SurvivingGuest survivor;
  private final GuestDeparture departure;
  private long stoppedNanos;

  private Duration patience = patience(Duration.ofSeconds(3));

  /** Whether it ran when it was stopped for the migration. */
  private boolean running;

  /** Whether QEMU was asked that for the pause that comes. */
  private boolean asked;

  private volatile boolean stopped;

  private QemuSource(QemuGuest guest, SurvivingGuest survivor) {
    this.guest = guest;
    this.survivor = survivor;
    departure = new GuestDeparture(guest.monitor());
    running = survivor.running();
  }

  /**
   * Takes the guest of a QEMU. What a source node left in it that was killed is removed.
   *
   * @param monitor stays the caller's, and is used from here on
   * @param log gets a line if something stays open in QEMU
   * @throws IOException if the guest cannot be moved; the message is for the user
   */
  public static QemuSource of(LinuxKernel kernel, QmpConnection monitor, Consumer<String> log)
      throws IOException, InterruptedException {
    String status = MonitorStatus.of(monitor);
    MonitorStatus.requireGuest(monitor, status);
    QemuGuest guest = QemuGuest.of(kernel, monitor, log);
    try {
      LeftInQemu.closeDescriptors(monitor);
      new LeftInQemu(kernel, guest.process()).clean(guest.ram());
      SwitchoverRehearsal.tryRun(log);
      return new QemuSource(guest, survivor(guest, status));
    } catch (IOException | InterruptedException | RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  /** The file that is the RAM of a QEMU's guest: by it, its journals are found. */
  public static Path ramFile(QmpConnection monitor) throws IOException, InterruptedException {
    return QemuGuest.ramFile(monitor);
  }

  private static SurvivingGuest survivor(QemuGuest guest, String status) throws IOException {
    ProcessEntry qemu = new ProcessTable().find(guest.process().pid());
    Path ram = guest.ram().backing().path();
    if (qemu == null || ram == null) {
      throw new IOException("QEMU, " + guest.process() + ", has ended");
    }
    return new SurvivingGuest(
        guest.monitor().socket().toAbsolutePath(),
        qemu.pid(),
        qemu.startTicks(),
        ram,
        guest.ram().guest().address(),
        guest.ram().sizeBytes(),
        MonitorStatus.isRunning(status),
        guest.settings());
  }

  /**
   * Limits how long QEMU may take in the switchover: the node waits for it, and sends no heartbeats
   * meanwhile.
   *
   * @param silence after which the destination treats the source as gone; 0 for never
   */
  public void limitWaits(Duration silence) {
    patience = patience(silence);
  }

  /** For the pause, and again for the state: both together are a little shorter. */
  private static Duration patience(Duration silence) {
    Duration half = silence.multipliedBy(9).dividedBy(20);
    if (silence.isZero() || half.compareTo(MOST_PATIENCE) > 0) {
      return MOST_PATIENCE;
    }
    return half.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : half;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public ByteString configuration() {
    return guest.machine().encode();
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(guest.ram());
  }

  @Override
  public ByteString survivor() {
    return survivor.encode();
  }

  /** By write protection in QEMU's process. */
  @Override
  public DirtyLog dirtyLog() {
    return new WriteProtectDirtyLog(guest.kernel(), regions());
  }

  /**
   * The kernel for a snapshot of this guest: if this process ends meanwhile, however that is, no
   * memory stays write-protected in QEMU.
   */
  public Kernel snapshotKernel() {
    return guest.snapshotKernel();
  }

  @Override
  public void passStateTo(Consumer<ByteString> to) {
    departure.passStateTo(to);
  }

  /**
   * Lets QEMU begin a migration of its own, which stops the VM after some milliseconds. A guest
   * that does not run, since its user has paused it, stays so.
   *
   * <p>Settings of QEMU are not changed before: a node that ends earlier leaves none.
   */
  @Override
  public void pause() {
    if (!asked) {
      var _ = expectedRecord();
    }
    asked = false;
    stopped = true;
    stoppedNanos =
        MonitorCalls.call(
            () -> {
              guest.prepare();
              long at = departure.stop();
              running = departure.hasStoppedGuest();
              return at;
            });
  }

  /** When QEMU has reported that the VM stopped. */
  @Override
  public long stoppedNanos(long pauseNanos) {
    return stoppedNanos;
  }

  /** Within ten seconds; what QEMU has not done by then is left to a later process. */
  @Override
  public void resume() {
    guest.monitor().limitWaits(MOST_PATIENCE);
    try {
      resumeWithinLimit();
    } finally {
      guest.monitor().endLimit();
    }
  }

  private void resumeWithinLimit() {
    departure.close();
    var _ =
        MonitorCalls.call(
            () -> {
              if (running) {
                DeviceState.resume(guest.monitor());
              } else {
                DeviceState.endMigration(guest.monitor());
              }
              stopped = false;
              guest.restoreSettings(); // also if this process ends without close()
              return true;
            });
  }

  @Override
  public ByteString deviceState() {
    guest.monitor().limitWaits(patience);
    try { // not by MonitorCalls: the guest would wait until the JVM has linked a lambda
      return departure.take(running);
    } catch (IOException e) {
      throw MonitorCalls.failed(e);
    } catch (InterruptedException e) {
      throw MonitorCalls.interrupted(e);
    } finally {
      guest.monitor().endLimit();
    }
  }

  /** Only whether the guest runs now. The time that {@link #pause} may take begins. */
  @Override
  public ByteString expectedRecord() {
    guest.monitor().limitWaits(patience);
    running = MonitorCalls.call(() -> MonitorStatus.isRunning(MonitorStatus.of(guest.monitor())));
    asked = true;
    return record();
  }

  /** Only whether the guest ran: a later process finds the devices in QEMU. */
  @Override
  public ByteString recordedState(ByteString ignored) {
    return record();
  }

  private ByteString record() {
    return new GuestState(running, ByteString.EMPTY).encode();
  }

  /** Whether QEMU has. */
  @Override
  public boolean hasEnded() {
    return guest.process().isExiting();
  }

  /**
   * Whether its VM may have been stopped for the migration, and was not resumed. From any thread.
   */
  public boolean isStopped() {
    return stopped;
  }

  /** The RAM, which QEMU may change at any time. */
  public MemoryRegion ram() {
    return guest.ram();
  }

  @Override
  public void close() {
    guest.monitor().endLimit();
    departure.close();
    guest.close();
  }
}
