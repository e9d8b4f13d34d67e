/**
 * Tests of the packaged jar in processes of its own, started as a user starts it.
 *
 * <ul>
 *   <li>Starting commands: {@code Processes} starts and ends them, {@code Node} is a running one
 *       and its output; {@code Jar}, {@code FastJvmOptions}, {@code FastNodeOptions}: with what
 *       they start. {@code Demo} runs a demo; {@code NodePair} is a destination and the processes
 *       of its source.
 *   <li>Checking them: {@code Result} (--json), {@code Meters} (--metrics), {@code NodeStatus}
 *       (status), {@code JournalDirectory}, {@code ForeignMemory} (/proc/PID).
 *   <li>Migrations that succeed: {@code DemoTest}, {@code SourceAndDestTest}, {@code ChannelsTest},
 *       {@code EncryptedTest}, {@code KvmVmTest}, {@code UnprivilegedTest}; {@code BenchTest};
 *       {@code ReportTest}, with a {@code Browser}.
 *   <li>Nodes that are killed or cancelled: {@code KilledPeerTest}, {@code CancelledTest}, {@code
 *       SwitchoverCancelledTest}, {@code ResumedSourceTest}, {@code HugeFileTest}, {@code
 *       StatusTest}; pages that are lost with them: {@code LostSourceTest}, {@code
 *       PoisonedMemoryTest}.
 *   <li>Networks and machines that fail: {@code RecoveryTest}, {@code DrainedPoolTest}, {@code
 *       ClockJumpTest}; all at random: {@code RandomFaultsTest} with {@code FaultPlan}.
 *   <li>Peers that misbehave: {@code MisbehavingHelloTest}, {@code MisbehavingSourceTest}, {@code
 *       MisbehavingSwitchoverTest} with {@code SwitchoverScript}, {@code
 *       MisbehavingDestinationTest}; played by {@code FakeSource} and {@code FakeDestination}.
 *   <li>Peers that are refused: {@code SecurityTest} with {@code TestCa}, {@code
 *       UnauthenticatedPeersTest}, {@code WrongDestinationTest} with {@code ForeignServer}; {@code
 *       WrongUseTest} for wrong options.
 *   <li>Relays between nodes: {@code HoldingRelay} withholds a frame, {@code RunLosingRelay} loses
 *       RUN, {@code BreakingRelay} injects the faults of a plan, {@code OutageRelay} takes the
 *       network down.
 *   <li>Metrics: {@code PrometheusTest} with a {@code PrometheusServer}; {@code
 *       DashboardPictureTest} draws docs/grafana-dashboard.png, if asked to.
 *   <li>Files that cannot be written, and output that nobody reads: {@code LostResultTest} with
 *       {@code UnreadPipe}.
 *   <li>Programs in C on a pager process ({@code PagerNode}, {@code CPrograms}): {@code
 *       PagerClientTest}, {@code CExampleTest}; with umap's interface: {@code UmapShimTest}, {@code
 *       UmapBenchTest}.
 *   <li>The machine: {@code HugePages}, {@code HugeFileSystem}, {@code MemoryFile}, {@code
 *       SmallDisk}, {@code Mounts}, {@code Namespaces}, {@code Ports}, {@code Descriptors}, {@code
 *       Shell}.
 * </ul>
 */
@NullMarked
package io.faultline.tests.process;

import org.jspecify.annotations.NullMarked;
