/**
 * Memory of processes that {@code criu dump --lazy-pages} has frozen, served over Faultline's wire:
 * a faster page server than the dump's own, over a network that may break.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.frozen.FrozenProcessSource}: the entry, with {@link
 *       io.faultline.restore.frozen.FrozenSourceSettings} and {@link
 *       io.faultline.restore.frozen.FrozenSourceReport} ({@link
 *       io.faultline.restore.frozen.SourcePhase}, {@link
 *       io.faultline.restore.frozen.SourceOutcome}); {@link io.faultline.restore.frozen.SourceLog}
 *       gets lines for the user.
 *   <li><b>State machine</b> (control loop). {@code SourceLifecycle}, from the freeze to the end of
 *       the dump; {@code FreezeWait}, {@code DestinationLease}: how long it waits ({@code
 *       SourceWaits}); {@code SourceEnd}: what it has decided. {@code SourceEffects} is what it
 *       does to the world; {@code PageSourceNode} does it, and feeds it.
 *   <li><b>The processes.</b> {@code FreezeProbe} waits until all are frozen and the dump listens
 *       ({@code StopCheck}, {@code TaskStates}, {@code ListeningPorts}); {@code FrozenTree} holds
 *       each {@code FrozenTask}.
 *   <li><b>The dump's end</b> (control loop). {@code DumpSession}, {@code DumpCloseHandler}; {@link
 *       io.faultline.restore.frozen.DumpTls}.
 *   <li><b>Connections</b> (accept loop, which is the bulk loop). {@code DestinationAcceptor}
 *       decides whose they are; {@code DestinationSession} is one set of them, {@code
 *       DestinationLink} the one at present ({@code SourceFrames}).
 *   <li><b>Requests</b> (the connection's loop). {@code ControlReceiver} and {@code BulkReceiver}
 *       ({@code RequestReceiver}) pass them to a {@code PageServing} of {@code PageServings}:
 *       {@code RequestQueue}, {@code PageReader}, {@code AnswerWriter}. Counted in {@code
 *       SourceCounters}.
 *   <li>{@link io.faultline.restore.frozen.WireRehearsal}: the whole, with this process, before a
 *       real one is frozen ({@code RehearsedFetch}, {@code RehearsedDumpEnd}).
 * </ul>
 */
@NullMarked
package io.faultline.restore.frozen;

import org.jspecify.annotations.NullMarked;
