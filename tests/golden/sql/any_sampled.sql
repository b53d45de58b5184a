SELECT `spans`.`sample_weight`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND has({only_app:Array(String)}, `spans`.`app`) = {has_1:Int32} AND `spans`.`sample_weight` > {has_1:Int32}
 LIMIT {rows:UInt64}
