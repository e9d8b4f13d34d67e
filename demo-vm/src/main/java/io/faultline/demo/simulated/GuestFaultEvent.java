package io.faultline.demo.simulated;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event: an access of a vCPU to memory took longer than {@link VcpuFaults#THRESHOLD_NANOS}, as
 * if it waited for a page. Disabled by default.
 */
@Name("faultline.GuestFault")
@Label("Guest Fault")
@Description("An access of a vCPU to memory that waited for a page")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class GuestFaultEvent extends Event {
  /** Checks whether the event is recorded, so that nothing is allocated if it is not. */
  private static final GuestFaultEvent PROBE = new GuestFaultEvent();

  @Label("Start")
  @Description("Before the access, in ns of System.nanoTime")
  long startNanos;

  @Label("End")
  @Description("After the access, in ns of System.nanoTime")
  long endNanos;

  static void commit(long startNanos, long endNanos) {
    if (PROBE.isEnabled()) {
      GuestFaultEvent event = new GuestFaultEvent();
      event.startNanos = startNanos;
      event.endNanos = endNanos;
      event.commit();
    }
  }
}
