package io.faultline.demo.simulated;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: an access of a vCPU to memory took longer than {@link VcpuFaults#THRESHOLD_NANOS}, as one
 * does that waits for a page. Off unless it is asked for.
 */
@Name("faultline.GuestFault")
@Label("Guest Fault")
@Description("An access of a vCPU to memory that had to wait")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class GuestFaultEvent extends Event {
  /** Asked whether somebody records, so that nothing is allocated where nobody does. */
  private static final GuestFaultEvent PROBE = new GuestFaultEvent();

  @Label("Start")
  @Description("Before the access, in ns of System.nanoTime")
  long startNanos;

  @Label("End")
  @Description("Behind the access")
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
