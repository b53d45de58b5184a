SELECT `trace_index`.`trace_id`
FROM `trace_index`
WHERE `trace_index`.`project` = {project:String}
 LIMIT {param_1:Int32}
