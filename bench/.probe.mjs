import { Arena } from './harness/arena.mjs';
import { median } from './harness/statistics.mjs';
const arena = new Arena({ options: { quick:true, rounds:7, attempts:7, windowMs:500 }, say: ()=>{} });
await arena.start(); 
for (const [disk, server] of [['disk', await arena.disk()],['slow', await arena.slowDisk()]]) {
const mk = async (module,db)=>arena.enter({module,settings:{adminUrl:await server.freshDatabase(db),poolSize:16}});
const es={now:await mk('orders/holdfast.mjs','a'+disk), split:await mk('../../../tmp/perf-helper/lab/bench/orders/holdfast.mjs','b'+disk), 'split+ids':await mk('../../../tmp/perf-helper/lab-ids/bench/orders/holdfast.mjs','c'+disk), typeorm:await mk('peers/typeorm-save.mjs','d'+disk)};
const entries=[]; for (const [k,c] of Object.entries(es)) for (const concurrency of [16,64]) entries.push(arena.entry(`${k} c${concurrency}`,c,{server,concurrency}));
const {samples,roundTrips}=await arena.rounds('x',entries);
for (const [k,v] of Object.entries(samples)) { const t=samples['typeorm '+k.split(' ')[1]]; const r=(f)=>median(v.map((s,i)=>f(s)/f(t[i]))).toFixed(3); console.log(disk,k.padEnd(14), median(v.map(s=>s.ops/s.seconds)).toFixed(0).padStart(6)+'/s', 'x'+r(s=>s.ops/s.seconds),'pg',median(v.map(s=>s.postgresCpuUs/s.ops)).toFixed(0),'x'+r(s=>s.postgresCpuUs/s.ops),'cl', median(v.map(s=>s.clientCpuUs/s.ops)).toFixed(0),'x'+r(s=>s.clientCpuUs/s.ops),'p50 x'+r(s=>s.p50Ms), roundTrips[k].toFixed(3)); }
await arena.clear();
}
await arena.close(); process.exit();
