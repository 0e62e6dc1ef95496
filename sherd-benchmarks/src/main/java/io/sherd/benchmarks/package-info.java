/**
 * The benchmarks of Sherd: one launcher, a suite for each matter, other maps beside ours in the same run.
 *
 * <p>A suite is a list of {@linkplain io.sherd.benchmarks.Fork forks}, each a fresh JVM that measures one system under one
 * condition. The {@linkplain io.sherd.benchmarks.Schedule schedule} runs the forks of all systems in turns, several rounds
 * of them, and keeps the median of the rounds. A peer is one adapter class that says how it was set up and why.
 */
@NullMarked
package io.sherd.benchmarks;

import org.jspecify.annotations.NullMarked;
