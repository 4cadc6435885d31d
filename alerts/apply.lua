-- Puts a batch of alerts and its watermark into the queues of one partition, all or nothing.
--
-- Numbers travel as strings: Lua's are doubles, and an amount above 2^53 would lose digits.
-- Stream ids are made from the offset in topic alerts, so a rebuilt queue has the same ids as the one that was lost.
--
-- KEYS  1 watermark  2 feed  3 names of queues  then the queues' keys, then the alerts' keys
-- ARGV  1 watermark the caller believes in  2 new watermark  3 oldest feed offset to keep  4 number of queues
--       then the queues' names, then for each entry: offset, index of its alert's key, alert_id, sequence, transition,
--       region, sections, business section, record, number of its queues, their indices
local actual = redis.call('GET', KEYS[1]) or '-1'
if actual ~= ARGV[1] then
  return {'differs', actual}
end

-- An id that is not above the stream's last one is an entry that is there already: the watermark alone was lost.
local function add(key, offset, ...)
  local added = redis.pcall('XADD', key, offset .. '-1', ...)
  if type(added) == 'table' and added.err and not string.find(added.err, 'equal or smaller', 1, true) then
    error(added)
  end
end

local queue_count = tonumber(ARGV[4])
local next_argument = 5
for index = 1, queue_count do
  if redis.call('SADD', KEYS[3], ARGV[next_argument]) == 1 then
    -- The desk starts before the first entry. BUSYGROUP: it exists, only the list of names was lost.
    local made = redis.pcall('XGROUP', 'CREATE', KEYS[3 + index], 'desk', '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
      error(made)
    end
  end
  next_argument = next_argument + 1
end

local previous = actual
while next_argument <= #ARGV do
  local offset, alert, alert_id, sequence, transition, region, sections, business_section, record, queues =
    unpack(ARGV, next_argument, next_argument + 9)
  next_argument = next_argument + 10
  local is_new = tonumber(offset) > tonumber(actual)
  for _ = 1, tonumber(queues) do
    if is_new then
      add(KEYS[tonumber(ARGV[next_argument])], offset,
        'alert_id', alert_id, 'sequence', sequence, 'transition', transition, 'record', record)
    end
    next_argument = next_argument + 1
  end
  if is_new then
    add(KEYS[2], offset, 'after', previous, 'transition', transition, 'region', region, 'sections', sections,
      'business_section', business_section, 'record', record)
    redis.call('SET', KEYS[tonumber(alert)], record)
    previous = offset
  end
end

redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[3] .. '-0')
redis.call('SET', KEYS[1], ARGV[2])
return {'applied', ARGV[2]}
